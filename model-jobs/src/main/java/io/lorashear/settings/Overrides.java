package io.lorashear.settings;

import java.util.LinkedHashMap;
import java.util.List;

/** Lays {@code --set} arguments over the tree of a file. Lists and maps are replaced whole. */
record Overrides(Problems problems) {

  void apply(List<String> arguments, Tree.Fields root) {
    arguments.forEach(argument -> apply(argument, root));
  }

  private void apply(String argument, Tree.Fields root) {
    var place = Place.override(argument);
    int equals = argument.indexOf('=');
    var key = equals < 0 ? "" : argument.substring(0, equals).strip();
    if (!key.matches("[\\w-]+(\\.[\\w-]+)*")) {
      problems.add(place, "an override has the form key=value, for example pruning.ratio=0.2");
      return;
    }
    var names = List.of(key.split("\\."));
    var group = root;
    for (var name : names.subList(0, names.size() - 1)) {
      var inner = group.values().get(name);
      if (inner instanceof Tree.Fields fields) {
        group = fields;
      } else if (inner == null || inner instanceof Tree.Nothing) {
        var created = new Tree.Fields(place, new LinkedHashMap<>());
        group.values().put(name, created);
        group = created;
      } else {
        problems.add(place, "%s holds %s, which has no settings inside", name, inner.kind());
        return;
      }
    }
    var value = YamlTree.value(argument.substring(equals + 1).strip(), place, problems);
    group.values().put(names.get(names.size() - 1), value);
  }
}
