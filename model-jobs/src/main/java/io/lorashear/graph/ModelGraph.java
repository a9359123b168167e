package io.lorashear.graph;

import io.lorashear.graph.Extent.Axis;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model's forward pass, recorded once for every use: running it, finding what can be removed, and
 * making it smaller.
 *
 * @param tokens the input ids, (B, T)
 * @param nodes in order of computation
 * @param parameters by checkpoint name, in order of first use; a tied weight is listed once
 * @param shapes extents of every value's features, by value id
 * @param logits the output, (B, T, vocabulary)
 */
public record ModelGraph(
    Value tokens,
    List<Node> nodes,
    Map<String, Parameter> parameters,
    List<List<Extent>> shapes,
    Value logits) {

  /** Extents of the features of {@code value}: the dimensions after batch and time. */
  public List<Extent> shape(Value value) {
    return shapes.get(value.id());
  }

  /** The parameter of that name. */
  public Parameter parameter(String name) {
    var parameter = parameters.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException("the model has no parameter " + name);
    }
    return parameter;
  }

  /** Every axis that a parameter has, in order of first use. */
  public Set<Axis> axes() {
    var found = new LinkedHashSet<Axis>();
    parameters.values().forEach(p -> p.extents().forEach(extent -> extent.collect(found)));
    return found;
  }

  /** Number of parameters as traced; a tied weight counts once. */
  public long parameterCount() {
    return parameterCount(Widths.TRACED);
  }

  /** Sizes of all axes, by name. */
  public Map<String, Integer> sizes() {
    var sizes = new LinkedHashMap<String, Integer>();
    axes().forEach(axis -> sizes.put(axis.name(), axis.indices()));
    return sizes;
  }

  /** Number of parameters when {@code widths} are left, without those that nothing reads then. */
  public long parameterCount(Widths widths) {
    long count = 0;
    for (var name : Remains.of(this, widths).parameters()) {
      var parameter = parameter(name);
      long elements = 1;
      for (var extent : parameter.extents()) {
        elements = Math.multiplyExact(elements, extent.size(widths));
      }
      count = Math.addExact(count, elements);
    }
    return count;
  }
}
