package dev.holdfast.drill.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.junit.jupiter.api.Test;

final class ModuleDirectionTest {
    private static final JavaClasses SHIPPED = Modules.classes();

    @Test
    void the_rules_know_every_module_and_see_classes_of_each_that_has_any() throws IOException {
        assertThat(Modules.MAY_USE.keySet()).containsExactlyInAnyOrderElementsOf(Modules.built());
        for (String module : Modules.built()) {
            if (!Modules.hasSources(module)) continue;
            assertThat(SHIPPED)
                    .as("classes of " + module)
                    .anyMatch(type ->
                            (type.getPackageName() + ".")
                                    .startsWith(Modules.packageOf(module) + "."));
        }
    }

    @Test
    void a_module_uses_only_what_stands_below_it() {
        LayeredArchitecture layers =
                layeredArchitecture()
                        .consideringOnlyDependenciesInLayers()
                        .withOptionalLayers(true);
        for (String module : Modules.MAY_USE.keySet()) {
            layers = layers.layer(module).definedBy(Modules.packageOf(module) + "..");
        }
        for (var module : Modules.MAY_USE.entrySet()) {
            var layer = layers.whereLayer(module.getKey());
            layers =
                    module.getValue().isEmpty()
                            ? layer.mayNotAccessAnyLayer()
                            : layer.mayOnlyAccessLayers(module.getValue().toArray(String[]::new));
        }
        layers.check(SHIPPED);
    }

    @Test
    void core_uses_nothing_but_the_language_and_its_collections() {
        // TeaVM and Android's R8 must take it, so no I/O, no clock, no concurrency, and of security
        // only the hash, which web/core brings for TeaVM.
        classes()
                .that()
                .resideInAPackage("dev.holdfast.core..")
                .should()
                .onlyDependOnClassesThat(
                        JavaClass.Predicates.resideInAnyPackage(
                                        "dev.holdfast.core..",
                                        "java.lang",
                                        "java.lang.annotation",
                                        "java.util",
                                        "java.util.function",
                                        "java.util.stream",
                                        "java.math",
                                        "java.nio.charset",
                                        "org.jspecify.annotations",
                                        "com.google.errorprone.annotations")
                                .or(
                                        JavaClass.Predicates.belongToAnyOf(
                                                MessageDigest.class,
                                                NoSuchAlgorithmException.class)))
                .allowEmptyShould(true)
                .check(SHIPPED);
    }

    @Test
    void the_broker_child_is_in_nobodys_process() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.holdfast.broker..")
                .check(SHIPPED);
    }

    @Test
    void a_package_is_named_for_an_idea() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..common..", "..impl..", "..manager..")
                .check(SHIPPED);
    }
}
