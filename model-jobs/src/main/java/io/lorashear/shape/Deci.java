package io.lorashear.shape;

import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.dependency.Sublayer;
import io.lorashear.graph.AxisRole;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The shape that readers of Nemotron's models (DeciLM, "deci") load: heads stay, every MLP has its
 * own width, and a layer may lack its attention or be empty.
 *
 * <pre>
 *   layer 0                 keeps its attention       vLLM and SGLang begin the residual stream with
 *                                                     the norm before it
 *   an MLP goes             with its attention        llama.cpp goes on to the next layer before it
 *                                                     has kept what attention gave
 *   the last layer          keeps its MLP             the same, with the rows it has picked
 *
 *   saliency(attention)     = Σ cost · saliency of its groups / all parameters it takes along
 *   saliency(layer i)       = the same of what is left of its MLP and its attention
 *   in ascending order of saliency: a step of an MLP, an attention or a layer, if it fits
 * </pre>
 *
 * The importance of a unit is the sum over its parts, as in LLM-Pruner (arXiv 2305.11627, section
 * 3.2), so that width and depth compete by the same score. Caps apply to channels that are removed
 * one by one.
 *
 * @param multiple of channels, at least 1
 * @param sublayers of the model without LoRA
 * @param parameters number of parameters of each of them, by its axis's name
 */
public record Deci(int multiple, List<Sublayer> sublayers, Map<String, Long> parameters)
    implements ShapeRule {

  /** The rule for the sublayers of {@code space}. */
  static Deci of(PruningSpace space, int multiple) {
    var parameters = new LinkedHashMap<String, Long>();
    for (var part : space.sublayers()) {
      parameters.put(part.axis().name(), part.elements(space.graph()));
    }
    return new Deci(multiple, space.sublayers(), Map.copyOf(parameters));
  }

  @Override
  public Groups choose(List<Candidates> axes, long now, long inAll) {
    var layers = layers(axes);
    new DeciChoice(layers).take(now, now == inAll);
    return Groups.union(layers.stream().flatMap(DeciLayer::gone).toList());
  }

  private List<DeciLayer> layers(List<Candidates> axes) {
    var byName = new HashMap<String, Candidates>();
    axes.forEach(axis -> byName.put(axis.axis().name(), axis));
    var attentions = new TreeMap<Integer, Sublayer>();
    var mlps = new TreeMap<Integer, Sublayer>();
    sublayers.forEach(part -> (part.attention() ? attentions : mlps).put(number(part), part));
    var numbers = new TreeSet<>(attentions.keySet());
    numbers.addAll(mlps.keySet());
    var layers = new ArrayList<DeciLayer>();
    for (int number : numbers) {
      layers.add(
          new DeciLayer(
              part(attentions.get(number), byName),
              part(mlps.get(number), byName),
              number > 0,
              number > 0 && number < numbers.last(),
              multiple));
    }
    return layers;
  }

  private DeciLayer.Part part(@Nullable Sublayer sublayer, Map<String, Candidates> axes) {
    if (sublayer == null) {
      return DeciLayer.Part.GONE;
    }
    var axis = axes.get(sublayer.axis().name());
    long all = Objects.requireNonNull(parameters.get(sublayer.axis().name()));
    return new DeciLayer.Part(axis == null || axis.width() > 0, axis, all);
  }

  private static int number(Sublayer part) {
    return Integer.parseInt(part.layer().substring(part.layer().lastIndexOf('.') + 1));
  }

  @Override
  public long withTheLast(PrunableAxis axis, long cost) {
    long groups = axis.size() * cost;
    return parameters.getOrDefault(axis.name(), groups) - groups;
  }

  @Override
  public List<String> contradictions(
      PruningSpace space, List<Candidates> axes, Set<PrunableAxis> kept) {
    var problems = new ArrayList<>(Free.misfits(multiple, axes, kept));
    problems.addAll(Uniform.unevenHeads(space));
    if (sublayers.stream().anyMatch(part -> part.axis().role() == AxisRole.EXPERTS)) {
      problems.add("it knows no experts: choose free, uniform or uniform-ffn");
    }
    sublayers.stream()
        .flatMap(part -> part.biases().stream())
        .findFirst()
        .ifPresent(
            bias ->
                problems.add(
                    "it takes whole attentions and MLPs out, but here they add a bias"
                        + " of their own ("
                        + bias
                        + "), as no model of that form does: choose free or uniform-ffn"));
    return List.copyOf(problems);
  }
}
