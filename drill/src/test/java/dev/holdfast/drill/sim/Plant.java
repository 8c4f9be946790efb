package dev.holdfast.drill.sim;

import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Where a bug is planted: in a method (and the lambdas within it) of a class, either at calls and
 * reads that then go to a static method of {@link Bugs}, receiver first, or in place of the whole
 * body.
 *
 * @param within the class, without its {@code dev.holdfast.}
 * @param method its name; with parameters, as in {@code record(Receipt)}, where there are several
 * @param target {@code Class.method} that is called or {@code Class.field} that is read there;
 *     empty for the body
 * @param bug the method of {@link Bugs}
 * @param sites how many places there are: another number is an error, since then code has moved
 */
record Plant(String within, String method, String target, String bug, int sites) {
    private static final ClassDesc BUGS = ClassDesc.of(Bugs.class.getName());

    String className() {
        return "dev.holdfast." + within;
    }

    boolean isIn(MethodModel candidate) {
        String name = candidate.methodName().stringValue();
        int parameters = method.indexOf('(');
        String wanted = parameters < 0 ? method : method.substring(0, parameters);
        if (target.isEmpty() || parameters >= 0) {
            return name.equals(wanted)
                    && (parameters < 0 || shape(candidate).equals(method.substring(parameters)));
        }
        return name.equals(wanted) || name.startsWith("lambda$" + wanted + "$");
    }

    private static String shape(MethodModel method) {
        return method.methodTypeSymbol().parameterList().stream()
                .map(ClassDesc::displayName)
                .map(name -> name.substring(name.lastIndexOf('$') + 1))
                .collect(Collectors.joining(",", "(", ")"));
    }

    /** Writes what goes here in place of {@code element}; false when that is not what is meant. */
    boolean redirect(CodeBuilder code, CodeElement element) {
        boolean hit =
                switch (element) {
                    case InvokeInstruction call ->
                            is(call.owner().asInternalName(), call.name().stringValue());
                    case FieldInstruction read ->
                            read.opcode() == Opcode.GETFIELD
                                    && is(read.owner().asInternalName(), read.name().stringValue());
                    default -> false;
                };
        if (hit) code.invokestatic(BUGS, bug, bugType());
        return hit;
    }

    private boolean is(String owner, String name) {
        int dot = target.lastIndexOf('.');
        return name.equals(target.substring(dot + 1))
                && owner.substring(owner.lastIndexOf('/') + 1).equals(target.substring(0, dot));
    }

    /** A body that does nothing but call the bug. */
    void body(CodeBuilder code, ClassModel type, MethodModel original) {
        int slot = 0;
        if (!original.flags().has(AccessFlag.STATIC)) {
            code.aload(0);
            slot = 1;
        }
        for (ClassDesc parameter : original.methodTypeSymbol().parameterList()) {
            TypeKind kind = TypeKind.from(parameter);
            code.loadLocal(kind, slot);
            slot += kind.slotSize();
        }
        code.invokestatic(BUGS, bug, bugType());
        code.return_(TypeKind.from(original.methodTypeSymbol().returnType()));
    }

    private MethodTypeDesc bugType() {
        Method method =
                Arrays.stream(Bugs.class.getDeclaredMethods())
                        .filter(candidate -> candidate.getName().equals(bug))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("no bug named " + bug));
        return MethodTypeDesc.of(
                method.getReturnType().describeConstable().orElseThrow(),
                Arrays.stream(method.getParameterTypes())
                        .map(type -> type.describeConstable().orElseThrow())
                        .toList());
    }

    /** Whether a method has code at all. */
    static boolean hasCode(MethodModel method) {
        return method.code().map(CodeModel.class::isInstance).orElse(false);
    }
}
