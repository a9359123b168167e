package io.lorashear.dependency;

import io.lorashear.graph.Widths;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Table of a pruning space: totals that may be removed, a row for every kind of axis, and kinds
 * that share tensors. Equal layers and experts share a row; shares refer to all parameters of the
 * model.
 *
 * <pre>
 *   axis                       groups  parameters a group    share  status
 *   layers.{0-29}.mlp.channels   1536                1728    59.2%  prunable
 *
 *   tensors of two axes, one along rows, the other along columns
 *     layers.{0-29}.mlp.channels and hidden: mlp.gate_proj, mlp.up_proj, mlp.down_proj
 * </pre>
 */
final class SpaceTable {
  private static final Pattern LAYER = Pattern.compile("\\.(\\d+)\\.");
  private static final String ANY_LAYER = ".*.";
  private static final Pattern EXPERT = Pattern.compile("\\.experts\\.(\\d+)\\.");
  private static final String ANY_EXPERT = ".experts.?.";

  private final PruningSpace space;

  SpaceTable(PruningSpace space) {
    this.space = space;
  }

  String text() {
    var lines = new ArrayList<String>();
    lines.add(removable());
    lines.add("");
    lines.add(row("axis", "groups", "parameters a group", "share", "status"));
    alike().values().forEach(axes -> lines.add(row(axes)));
    var overlaps = overlaps();
    if (!overlaps.isEmpty()) {
      lines.add("");
      lines.add("tensors of two axes, one along rows, the other along columns");
      lines.addAll(overlaps);
    }
    return String.join("\n", lines);
  }

  private String removable() {
    var axes = space.prunable(PruningSpace.STRUCTURES);
    long parameters = axes.stream().mapToLong(space::parameters).sum();
    return String.format(
        Locale.ROOT,
        "%,d parameters, %,d of them (%s) in the %,d groups that pruning removes",
        space.graph().parameterCount(),
        parameters,
        share(parameters),
        axes.stream().mapToLong(PrunableAxis::size).sum());
  }

  private String share(long parameters) {
    return String.format(
        Locale.ROOT, "%.1f%%", 100.0 * parameters / space.graph().parameterCount());
  }

  /** Axes that differ in nothing but their layer. */
  private Map<String, List<PrunableAxis>> alike() {
    Map<String, List<PrunableAxis>> alike = new LinkedHashMap<>();
    for (var axis : space.axes()) {
      var reason = LAYER.matcher(axis.reason()).replaceAll(ANY_LAYER);
      var key =
          String.join("|", pattern(axis.name()), "" + axis.size(), "" + axis.status(), reason);
      alike.computeIfAbsent(key, k -> new ArrayList<>()).add(axis);
    }
    return alike;
  }

  private String row(List<PrunableAxis> axes) {
    var first = axes.get(0);
    var status = SpaceReport.word(first.status());
    return row(
        axes.size() == 1
            ? first.name()
            : placed(pattern(first.name()), axes.stream().map(PrunableAxis::name).toList()),
        String.format(Locale.ROOT, "%,d", first.size()),
        String.format(Locale.ROOT, "%,d", space.cost(first.axis(), Widths.TRACED)),
        share(axes.stream().mapToLong(space::parameters).sum()),
        first.reason().isEmpty() ? status : status + ": " + first.reason());
  }

  private static String row(String axis, String groups, String cost, String share, String status) {
    return String.format("%-36s %9s %20s %8s  %s", axis, groups, cost, share, status);
  }

  /** One line for every two kinds of axis, with the tensors they share. */
  private List<String> overlaps() {
    var tensors = new LinkedHashMap<String, TreeSet<String>>();
    for (var overlap : space.overlaps()) {
      if (overlap.first().equals(overlap.second())) {
        continue; // of one axis, in both its dimensions
      }
      var first = general(overlap.first());
      var second = general(overlap.second());
      boolean turned = first.compareTo(second) < 0;
      var pair = turned ? second + " and " + first : first + " and " + second;
      tensors.computeIfAbsent(pair, key -> new TreeSet<>()).add(general(overlap.parameter()));
    }
    return tensors.entrySet().stream()
        .map(entry -> "  " + entry.getKey() + ": " + String.join(", ", entry.getValue()))
        .toList();
  }

  private static String general(String name) {
    var anywhere = EXPERT.matcher(LAYER.matcher(name).replaceFirst(ANY_LAYER));
    return anywhere.replaceFirst(".experts.*.").replaceFirst("\\.weight$", "");
  }

  private static String pattern(String name) {
    var anywhere = EXPERT.matcher(LAYER.matcher(name).replaceFirst(ANY_LAYER));
    return anywhere.replaceFirst(ANY_EXPERT).replaceFirst("#\\d+$", "");
  }

  /** {@code pattern} with the layers and experts of {@code names}: {0-3,7}. */
  private static String placed(String pattern, Collection<String> names) {
    return pattern
        .replace("*", "{" + ranges(numbers(LAYER, names)) + "}")
        .replace("?", "{" + ranges(numbers(EXPERT, names)) + "}");
  }

  private static TreeSet<Integer> numbers(Pattern place, Collection<String> names) {
    var numbers = new TreeSet<Integer>();
    for (var name : names) {
      var match = place.matcher(name);
      if (match.find()) {
        numbers.add(Integer.parseInt(match.group(1)));
      }
    }
    return numbers;
  }

  private static String ranges(TreeSet<Integer> layers) {
    var ranges = new ArrayList<String>();
    for (int layer : layers) {
      if (!layers.contains(layer - 1)) {
        int last = layer;
        while (layers.contains(last + 1)) {
          last++;
        }
        ranges.add(last == layer ? "" + layer : layer + "-" + last);
      }
    }
    return String.join(",", ranges);
  }
}
