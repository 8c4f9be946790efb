package dev.holdfast.drill.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import org.jspecify.annotations.Nullable;

/**
 * Loads the program's classes anew, with one bug in them, so that several mutants and the sound
 * program run side by side in one machine and nothing of a bug is in the program itself.
 */
final class MutantLoader extends ClassLoader {
    private static final String OURS = "dev.holdfast.";

    private final ClassLoader sound =
            java.util.Objects.requireNonNull(MutantLoader.class.getClassLoader());
    private final Plant plant;
    private final ClassFile classFile;
    private int planted;

    MutantLoader(Plant plant) {
        super(MutantLoader.class.getClassLoader());
        this.plant = plant;
        classFile =
                ClassFile.of(
                        ClassFile.ClassHierarchyResolverOption.of(
                                ClassHierarchyResolver.ofResourceParsing(sound)));
    }

    /**
     * Loads the class that the bug is planted in.
     *
     * @throws IllegalStateException when its places are not as many as it says
     */
    void plant() {
        try {
            loadClass(plant.className(), true);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("no class " + plant.className() + " to plant in", e);
        }
        if (planted != plant.sites())
            throw new IllegalStateException(
                    "planted at %d places where there should be %d: %s"
                            .formatted(planted, plant.sites(), plant));
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) return super.loadClass(name, resolve);
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = bytes(name);
        if (bytes == null) throw new ClassNotFoundException(name);
        if (name.equals(plant.className())) bytes = mutated(bytes);
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte @Nullable [] bytes(String name) {
        String path = name.replace('.', '/') + ".class";
        try (InputStream in = sound.getResourceAsStream(path)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + path, e);
        }
    }

    private byte[] mutated(byte[] bytes) {
        ClassModel model = classFile.parse(bytes);
        return classFile.transformClass(
                model, (builder, element) -> mutate(builder, element, model));
    }

    private void mutate(ClassBuilder builder, ClassElement element, ClassModel model) {
        if (!(element instanceof MethodModel method)
                || !Plant.hasCode(method)
                || !plant.isIn(method)) {
            builder.with(element);
        } else if (plant.target().isEmpty()) {
            planted++;
            builder.withMethodBody(
                    method.methodName(),
                    method.methodType(),
                    method.flags().flagsMask(),
                    code -> plant.body(code, model, method));
        } else {
            CodeTransform redirect =
                    (code, instruction) -> {
                        if (plant.redirect(code, instruction)) planted++;
                        else code.with(instruction);
                    };
            builder.transformMethod(method, MethodTransform.transformingCode(redirect));
        }
    }
}
