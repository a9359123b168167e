package io.lorashear.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A pruned model's layers by their prunable parts: heads, channels, experts.
 *
 * <pre>
 *   size of an axis of the dense model = kept indices + removed indices
 * </pre>
 *
 * @param axes axes in the order of the model; empty if nothing was pruned
 */
record Layers(List<Part> axes) {
  /** Name of an axis: the layer and its part. */
  static final Pattern AXIS = Pattern.compile("layers\\.(\\d+)\\.(.+)");

  /** Layer number of axes that run through all layers. */
  static final int ALL = -1;

  private static final List<String> WORDS = List.of("kvHeads", "channels", "experts");

  /**
   * One axis of one layer, or a pruned axis that runs through all layers.
   *
   * @param layer layer number, or {@link #ALL}
   * @param part its name inside the layer: {@code attention.kvHeads}
   * @param size size in the dense model
   * @param gone removed indices
   * @param sensitivity sensitivity in the profile, nats per token; NaN if it has none
   */
  record Part(int layer, String part, String axis, int size, BitSet gone, double sensitivity) {
    int kept() {
      return size - gone.cardinality();
    }
  }

  static Layers of(Facts facts) {
    var folders = facts.folders("prune");
    if (folders.isEmpty()) {
      return new Layers(List.of());
    }
    var folder = folders.get(0);
    var gone = new TreeMap<String, BitSet>();
    facts
        .file(folder + "/pruning.json")
        .at("removed")
        .fields()
        .forEach((axis, indices) -> gone.put(axis, bits(indices)));
    var left = left(facts.run().resolve(folder).resolve("config.json"));
    var sizes = new TreeMap<>(left);
    gone.forEach((axis, indices) -> sizes.merge(axis, indices.cardinality(), Integer::sum));
    return new Layers(parts(sizes, gone, facts));
  }

  private static BitSet bits(Found indices) {
    var bits = new BitSet();
    indices.items().forEach(index -> bits.set((int) index.number()));
    return bits;
  }

  /** Sizes of the axes of the pruned model. */
  private static Map<String, Integer> left(Path config) {
    if (!Files.isRegularFile(config)) {
      return Map.of();
    }
    var parsed = ModelConfig.parse(JsonFile.read(config), config.toString());
    return Family.of(parsed).trace(parsed).sizes();
  }

  private static List<Part> parts(
      Map<String, Integer> sizes, Map<String, BitSet> gone, Facts facts) {
    var profile = facts.folders("analyze").stream().findFirst().orElse("profile");
    var impacts = facts.file(profile + "/profile.json").at("axes");
    var byName = new TreeMap<String, Double>();
    impacts
        .items()
        .forEach(each -> byName.put(each.at("axis").text(), each.at("deviation").number()));
    var parts = new ArrayList<Part>();
    sizes.forEach(
        (axis, size) -> {
          var name = AXIS.matcher(axis);
          boolean layered = name.matches();
          if (gone.containsKey(axis)
              || layered && WORDS.contains(axis.substring(axis.lastIndexOf('.') + 1))) {
            parts.add(
                new Part(
                    layered ? Integer.parseInt(name.group(1)) : ALL,
                    layered ? name.group(2) : axis,
                    axis,
                    size,
                    gone.getOrDefault(axis, new BitSet()),
                    byName.getOrDefault(axis, Double.NaN)));
          }
        });
    parts.sort(Comparator.comparingInt(Part::layer));
    return List.copyOf(parts);
  }

  /** Whether a profile says how sensitive any axis is. */
  boolean profiled() {
    return axes.stream().anyMatch(part -> Double.isFinite(part.sensitivity()));
  }

  /** The parts that a drawing shows. */
  List<Part> drawn() {
    return axes.stream().filter(part -> part.layer() != ALL).toList();
  }

  /** The columns of a drawing by name, with the size of the widest layer. */
  Map<String, Integer> widest() {
    var widest = new TreeMap<String, Integer>();
    drawn().forEach(part -> widest.merge(part.part(), part.size(), Math::max));
    return widest;
  }

  /** Number of layers. */
  int count() {
    return axes.stream().mapToInt(Part::layer).max().orElse(-1) + 1;
  }

  /** Kept and original sizes, one object per axis, in the order of the model. */
  ArrayNode json() {
    var list = JsonFile.object().putArray("layers");
    for (var part : axes) {
      ObjectNode entry = list.addObject().put("axis", part.axis()).put("layer", part.layer());
      entry.put("part", part.part()).put("of", part.size()).put("kept", part.kept());
    }
    return list;
  }
}
