package io.lorashear.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Applies overrides to the tree of a file. An override replaces a whole list or map, unless it
 * names an item: {@code sources[0].textField}, or {@code sources[].textField} for every item.
 */
final class Overlay {
  private static final Pattern NAME = Pattern.compile("([\\w-]+)(?:\\[(\\d{0,9})])?");
  private static final Pattern KEY = Pattern.compile("(?:%1$s)(?:\\.(?:%1$s))*".formatted(NAME));

  private final Tree.Fields root;
  private final Problems problems;
  private final List<String> given = new ArrayList<>();

  Overlay(Tree.Fields root, Problems problems) {
    this.root = root;
    this.problems = problems;
  }

  void apply(Overrides overrides) {
    for (var layer : overrides.layers()) {
      given.clear();
      layer.settings().forEach(setting -> apply(setting, layer));
    }
  }

  private void apply(String setting, Overrides.Layer layer) {
    var place = layer.place(setting);
    int equals = setting.indexOf('=');
    var key = equals < 0 ? "" : setting.substring(0, equals).strip();
    if (!KEY.matcher(key).matches()) {
      problems.add(place, "an override has the form key=value, for example pruning.ratio=0.2");
      return;
    }
    if (layer.origin().equals(Overrides.GIVEN)) {
      refuseLost(key, place);
    }
    var names = List.of(key.split("\\."));
    var value = YamlTree.value(setting.substring(equals + 1).strip(), place, problems);
    if (layer.origin().equals(Overrides.FIXED)) {
      refuseOther(key, found(names), value);
    }
    put(root, names, "", value);
  }

  /**
   * A key given twice, or a key whose whole group is replaced by a later override, is a mistake.
   */
  private void refuseLost(String key, Place place) {
    for (var earlier : given) {
      if (earlier.equals(key)) {
        problems.add(place, "%s is given twice by --set: keep one of the two", key);
        return;
      }
      if (earlier.startsWith(key + ".") || earlier.startsWith(key + "[")) {
        problems.add(
            place, "%s takes %s away, which --set gave before it: give it first", key, earlier);
      }
    }
    given.add(key);
  }

  private @Nullable Tree found(List<String> names) {
    @Nullable Tree at = root;
    for (var name : names) {
      at = at instanceof Tree.Fields fields ? fields.values().get(name) : null;
    }
    return at;
  }

  private void refuseOther(String key, @Nullable Tree given, Tree fixed) {
    if (given == null || given instanceof Tree.Nothing || given.place().equals(Place.NONE)) {
      return;
    }
    boolean same =
        given instanceof Tree.Text text
            && fixed instanceof Tree.Text other
            && text.value().equals(other.value());
    if (!same) {
      problems.add(given.place(), "%s follows from other settings here: take it out", key);
    }
  }

  private void put(Tree.Fields group, List<String> names, String prefix, Tree value) {
    var matcher = NAME.matcher(names.get(0));
    if (!matcher.matches()) {
      throw new IllegalStateException(names + " are no names");
    }
    var name = matcher.group(1);
    var further = names.subList(1, names.size());
    if (matcher.group(2) != null) {
      items(group.values().get(name), matcher.group(2), further, prefix + name, value);
    } else if (further.isEmpty()) {
      group.values().put(name, value);
    } else {
      var inner = inside(group, name, prefix + name, value.place());
      if (inner != null) {
        put(inner, further, prefix + name + ".", value);
      }
    }
  }

  private Tree.@Nullable Fields inside(Tree.Fields group, String name, String key, Place place) {
    var inner = group.values().get(name);
    if (inner == null || inner instanceof Tree.Nothing) {
      var at = place.equals(Place.NONE) ? group.place() : place;
      var created = new Tree.Fields(at, new LinkedHashMap<>());
      group.values().put(name, created);
      return created;
    }
    return fields(inner, key, place);
  }

  /**
   * If the user did not write the override, only the wrong value that the file has there is
   * reported.
   */
  private Tree.@Nullable Fields fields(Tree tree, String key, Place place) {
    if (tree instanceof Tree.Fields fields) {
      return fields;
    }
    if (place.label().startsWith(Overrides.GIVEN)) {
      problems.add(place, "%s holds %s, which has no settings inside", key, tree.kind());
    }
    return null;
  }

  private void items(
      @Nullable Tree tree, String index, List<String> further, String key, Tree value) {
    var place = value.place();
    if (!(tree instanceof Tree.Items list)) {
      problems.add(place, "%s is no list in the file, so it has no items to set", key);
      return;
    }
    int size = list.values().size();
    int from = index.isEmpty() ? 0 : Integer.parseInt(index);
    if (from >= size) {
      problems.add(place, "%s has %d items, counted from 0: there is no %d", key, size, from);
      return;
    }
    for (int i = from; i < (index.isEmpty() ? size : from + 1); i++) {
      var item = key + "[" + i + "]";
      if (further.isEmpty()) {
        list.values().set(i, value);
      } else {
        var inner = fields(list.values().get(i), item, place);
        if (inner != null) {
          put(inner, further, item + ".", value);
        }
      }
    }
  }
}
