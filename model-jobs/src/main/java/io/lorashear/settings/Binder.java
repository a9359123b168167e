package io.lorashear.settings;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Fills records from a {@link Tree}. Every method returns null where it noted a problem, and
 * continues with the rest, so that one pass finds all problems.
 */
final class Binder {
  private final Problems problems;
  private final KeyNames names;

  Binder(Problems problems, Class<?> root) {
    this.problems = problems;
    this.names = new KeyNames(root);
  }

  /** The record at {@code prefix} ("" or "pruning."). */
  @Nullable Object record(Class<?> type, Tree tree, String prefix) {
    var key = prefix.isEmpty() ? "the file" : prefix.substring(0, prefix.length() - 1);
    if (!(tree instanceof Tree.Fields fields)) {
      problems.add(
          tree.place(), "%s is %s: settings of the form key: value are needed", key, tree.kind());
      return null;
    }
    problems.place(prefix.isEmpty() ? "" : key, fields.place());
    var shape = new RecordType(type);
    refuseUnknown(shape, fields, prefix);
    var values = new ArrayList<@Nullable Object>();
    boolean usable = true;
    for (var component : shape.components()) {
      var value = component(component, fields, prefix);
      if (value == null) {
        problems.unusable(prefix + component.getName());
        value = fallback(component, prefix);
      }
      usable &= value != null;
      values.add(value);
    }
    return usable ? create(shape, values.toArray(), prefix) : null;
  }

  private @Nullable Object create(RecordType shape, Object[] values, String prefix) {
    int before = problems.count();
    try {
      var record = shape.create(values);
      shape.check(record, problems.inside(prefix, shape));
      return record;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(shape.type() + " cannot be used for settings", e);
    } catch (IllegalArgumentException e) {
      if (problems.count() == before) {
        problems.inside(prefix, shape).requireAll(false, "%s", String.valueOf(e.getMessage()));
      }
      return null;
    }
  }

  private void refuseUnknown(RecordType shape, Tree.Fields fields, String prefix) {
    var renamed = shape.renamed();
    fields
        .values()
        .forEach(
            (name, value) -> {
              if (shape.names().contains(name)) {
                return;
              }
              var now = renamed.get(name);
              var advice =
                  now == null
                      ? ": no such setting; " + names.advice(prefix, name, shape.names())
                      : " is called " + prefix + now + " now";
              problems.add(value.place(), "%s%s%s", prefix, name, advice);
            });
  }

  private @Nullable Object component(RecordComponent component, Tree.Fields fields, String prefix) {
    var key = prefix + component.getName();
    var given = fields.values().get(component.getName());
    problems.place(key, given == null ? fields.place() : given.place());
    if (given != null && !(given instanceof Tree.Nothing)) {
      return value(component.getGenericType(), given, key);
    } else if (component.getType() == Optional.class) {
      return Optional.empty();
    } else if (given != null && !component.getType().isRecord()) {
      problems.add(given.place(), "%s is empty: give a value or take the line out", key);
      return null;
    } else if (RecordType.defaultOf(component) != null) {
      return fallback(component, prefix);
    } else if (component.getType().isRecord()) {
      var place = given == null ? fields.place() : given.place();
      return record(component.getType(), new Tree.Fields(place, new LinkedHashMap<>()), key + ".");
    }
    problems.add(fields.place(), "%s is missing: it has no default, so give it", key);
    return null;
  }

  private @Nullable Object fallback(RecordComponent component, String prefix) {
    var text = RecordType.defaultOf(component);
    if (text == null) {
      return null;
    }
    var key = prefix + component.getName();
    var mistakes = new Problems();
    var tree =
        Scalars.knows(component.getType())
            ? new Tree.Text(Place.NONE, text)
            : YamlTree.value(text, Place.NONE, mistakes);
    var value =
        new Binder(mistakes, component.getType()).value(component.getGenericType(), tree, key);
    mistakes.throwIfAny("The default of " + key + " in the program");
    return value;
  }

  private @Nullable Object value(Type type, Tree tree, String key) {
    if (type instanceof ParameterizedType generic) {
      var arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == Optional.class) {
        var inner = value(arguments[0], tree, key);
        return inner == null ? null : Optional.of(inner);
      } else if (generic.getRawType() == List.class) {
        return list(arguments[0], tree, key);
      } else if (generic.getRawType() == Map.class && arguments[0] == String.class) {
        return map(arguments[1], tree, key);
      }
    } else if (type instanceof Class<?> simple && simple.isRecord()) {
      return record(simple, tree, key + ".");
    } else if (type instanceof Class<?> simple && Scalars.knows(simple)) {
      if (tree instanceof Tree.Text text) {
        if (text.value().isEmpty() && simple != String.class) {
          problems.add(tree.place(), "%s is empty: give a value or take the line out", key);
          return null;
        }
        return Scalars.read(simple, text, key, problems);
      }
      problems.add(tree.place(), "%s is %s: one value is needed", key, tree.kind());
      return null;
    }
    throw new IllegalStateException(key + " has a type that settings do not know: " + type);
  }

  private @Nullable List<Object> list(Type type, Tree tree, String key) {
    if (!(tree instanceof Tree.Items items)) {
      problems.add(
          tree.place(), "%s is %s: a list is needed, for example [a, b]", key, tree.kind());
      return null;
    }
    var values = new ArrayList<Object>();
    for (int i = 0; i < items.values().size(); i++) {
      var value = value(type, items.values().get(i), key + "[" + i + "]");
      if (value != null) {
        values.add(value);
      }
    }
    return values.size() == items.values().size() ? List.copyOf(values) : null;
  }

  private @Nullable Map<String, Object> map(Type type, Tree tree, String key) {
    if (!(tree instanceof Tree.Fields fields)) {
      problems.add(
          tree.place(), "%s is %s: lines of the form name: value are needed", key, tree.kind());
      return null;
    }
    var values = new TreeMap<String, Object>();
    fields
        .values()
        .forEach(
            (name, inner) -> {
              problems.place(key + "." + name, inner.place());
              var value = value(type, inner, key + "." + name);
              if (value != null) {
                values.put(name, value);
              }
            });
    return values.size() == fields.values().size() ? Collections.unmodifiableMap(values) : null;
  }
}
