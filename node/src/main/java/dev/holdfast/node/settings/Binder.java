package dev.holdfast.node.settings;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of trees. Null stands for a value that was refused and reported; the rest is still
 * read, so that one run names every mistake.
 */
final class Binder {
    private final Problems problems;

    Binder(Problems problems) {
        this.problems = problems;
    }

    /** The tree as a {@code type}; {@code path} is where it stands, such as {@code tls.key}. */
    @Nullable Object bind(Tree tree, Type type, String path) {
        if (type instanceof ParameterizedType generic) return container(tree, generic, path);
        if (!(type instanceof Class<?> plain))
            throw new IllegalArgumentException("settings of " + type);
        if (plain.isRecord() && plain != ByteSize.class) return record(tree, plain, path);
        if (tree instanceof Tree.Scalar scalar) return scalar(scalar, plain, path);
        problems.add(
                tree.line(),
                quoted(path)
                        + switch (tree) {
                            case Tree.Nothing _ -> " has no value";
                            case Tree.Sequence _ -> " is a list where one value belongs";
                            case Tree.Mapping _ ->
                                    " is a group of settings where one value belongs";
                            case Tree.Scalar _ -> "";
                        });
        return null;
    }

    private @Nullable Object container(Tree tree, ParameterizedType type, String path) {
        Type[] of = type.getActualTypeArguments();
        if (type.getRawType() == Optional.class) {
            if (tree instanceof Tree.Nothing) return Optional.empty();
            Object value = bind(tree, of[0], path);
            return value == null ? null : Optional.of(value);
        }
        if (type.getRawType() == List.class) return list(tree, of[0], path);
        if (type.getRawType() == Map.class && of[0] == String.class) return map(tree, of[1], path);
        throw new IllegalArgumentException("settings of " + type);
    }

    private @Nullable List<Object> list(Tree tree, Type of, String path) {
        if (tree instanceof Tree.Nothing) return List.of();
        if (!(tree instanceof Tree.Sequence sequence)) {
            problems.add(
                    tree.line(),
                    quoted(path) + " must be a list: [a, b] or lines that begin with \"- \"");
            return null;
        }
        List<Object> bound = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            Object item = bind(sequence.items().get(i), of, path + "[" + i + "]");
            if (item != null) bound.add(item);
        }
        return List.copyOf(bound);
    }

    private @Nullable Map<String, Object> map(Tree tree, Type of, String path) {
        if (tree instanceof Tree.Nothing) return Map.of();
        if (!(tree instanceof Tree.Mapping mapping)) {
            problems.add(tree.line(), quoted(path) + " must be names, each with its value");
            return null;
        }
        Map<String, Object> bound = new LinkedHashMap<>();
        mapping.entries()
                .forEach((name, value) -> {
                    Object item = bind(value, of, joined(path, name));
                    if (item != null) bound.put(name, item);
                });
        return Collections.unmodifiableMap(bound);
    }

    private @Nullable Object record(Tree tree, Class<?> type, String path) {
        Map<String, Tree> entries;
        if (tree instanceof Tree.Mapping mapping) entries = mapping.entries();
        else if (tree instanceof Tree.Nothing) entries = Map.of();
        else {
            problems.add(
                    tree.line(), quoted(path) + " must be a group of settings, each with its name");
            return null;
        }
        RecordComponent[] components = Objects.requireNonNull(type.getRecordComponents());
        Map<String, RecordComponent> known = new LinkedHashMap<>();
        for (RecordComponent component : components)
            known.put(dashed(component.getName()), component);
        entries.forEach((name, value) -> unknown(name, value, known, path));

        Object[] arguments = new Object[components.length];
        boolean complete = true;
        int at = 0;
        for (Map.Entry<String, RecordComponent> entry : known.entrySet()) {
            Object value =
                    component(
                            entries.get(entry.getKey()),
                            entry.getValue(),
                            joined(path, entry.getKey()),
                            tree);
            complete &= value != null;
            if (value != null) arguments[at] = value;
            at++;
        }
        return complete ? construct(type, components, arguments, tree, path) : null;
    }

    private void unknown(String name, Tree value, Map<String, RecordComponent> known, String path) {
        if (known.containsKey(name)) return;
        String meant =
                Nearest.to(name, known.keySet())
                        .map(near -> ": did you mean \"" + near + "\"?")
                        .orElse("; known here: " + String.join(", ", known.keySet()));
        problems.add(value.line(), "unknown setting " + quoted(joined(path, name)) + meant);
    }

    private @Nullable Object component(
            @Nullable Tree written, RecordComponent component, String path, Tree parent) {
        Type type = component.getGenericType();
        if (written != null) return bind(written, type, path);
        Default standard = component.getAnnotation(Default.class);
        if (standard != null) {
            int line = parent.line();
            return bind(
                    standard.value().isEmpty() && type != String.class
                            ? new Tree.Nothing(line)
                            : new Tree.Scalar(standard.value(), line),
                    type,
                    path);
        }
        if (component.getType() == Optional.class) return Optional.empty();
        problems.add(parent.line(), quoted(path) + " is missing");
        return null;
    }

    private @Nullable Object construct(
            Class<?> type,
            RecordComponent[] components,
            Object[] arguments,
            Tree tree,
            String path) {
        try {
            Class<?>[] types = new Class<?>[components.length];
            for (int i = 0; i < types.length; i++) types[i] = components[i].getType();
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                problems.add(
                        tree.line(),
                        (path.isEmpty() ? "" : quoted(path) + ": ") + refused.getMessage());
                return null;
            }
            throw new IllegalStateException("settings " + type.getName() + " cannot be made", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("settings " + type.getName() + " cannot be made", e);
        }
    }

    private @Nullable Object scalar(Tree.Scalar scalar, Class<?> type, String path) {
        try {
            return Scalars.parse(scalar.text(), type);
        } catch (IllegalArgumentException e) {
            problems.add(
                    scalar.line(),
                    quoted(path)
                            + " is \""
                            + Scalars.shown(scalar.text())
                            + "\" but must be "
                            + e.getMessage());
            return null;
        }
    }

    private static String quoted(String path) {
        return path.isEmpty() ? "the file" : "\"" + path + "\"";
    }

    private static String joined(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** {@code maxBodyBytes} to {@code max-body-bytes}. */
    static String dashed(String name) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isUpperCase(c)) text.append('-');
            text.append(Character.toString(c).toLowerCase(Locale.ROOT));
        }
        return text.toString();
    }
}
