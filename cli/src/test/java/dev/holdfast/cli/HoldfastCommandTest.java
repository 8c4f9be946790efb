package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class HoldfastCommandTest {
    @Test
    void without_a_command_it_says_what_there_is() {
        Ran ran = Ran.holdfast();
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).contains("keys", "grant", "Exit codes", "To begin: holdfast up");
    }

    @Test
    void what_is_not_understood_is_told_in_three_lines_with_exit_code_2() {
        Ran ran = Ran.holdfast("key");
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err().lines()).hasSize(3);
        assertThat(ran.err()).contains("why: ", "did you mean keys", "try: holdfast --help");
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void every_command_says_what_it_does_and_gives_an_example() {
        for (CommandLine command : leaves(HoldfastCommand.commandLine())) {
            String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
            assertThat(command.getCommandSpec().usageMessage().description())
                    .as(command.getCommandSpec().qualifiedName())
                    .isNotEmpty();
            assertThat(help)
                    .as(command.getCommandSpec().qualifiedName())
                    .contains("Example")
                    .contains("holdfast ");
        }
    }

    private static List<CommandLine> leaves(CommandLine command) {
        if (command.getSubcommands().isEmpty()) return List.of(command);
        List<CommandLine> leaves = new ArrayList<>();
        command.getSubcommands().values().forEach(each -> leaves.addAll(leaves(each)));
        return leaves;
    }
}
