package io.lorashear.compensate;

import io.lorashear.InputException;
import io.lorashear.compensate.CompensationSettings.Towards;
import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import io.lorashear.settings.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The last matrix of an attention or an MLP, which reads its heads or channels.
 *
 * <pre>
 *   h ──┬── norm ── … ── x ── W ── y ──(+)── z        y: what it says, with a LoRA pair's part
 *       └───────────────────────────────┘             z: the residual stream with it
 * </pre>
 *
 * @param name W's
 * @param bias name of the bias in y, or null
 * @param block its layer, for example "layers.3"
 * @param input x
 * @param said y
 * @param stream z; null where y is not added as it is, because it is normed first
 */
public record OutputMatrix(
    String name,
    @Nullable String bias,
    String block,
    Value input,
    Value said,
    @Nullable Value stream) {

  /** Names of these matrices in {@code graph}, a model without LoRA. */
  public static Set<String> names(ModelGraph graph) {
    var names = new HashSet<String>();
    for (var axis : PruningSpace.of(graph).removable(PruningSpace.STRUCTURES)) {
      axis.slices().stream()
          .filter(slice -> slice.access() == Access.READ)
          .forEach(slice -> names.add(slice.parameter().name()));
    }
    return names;
  }

  /** Those of {@code names} that {@code graph} applies exactly once, by name, in forward order. */
  public static Map<String, OutputMatrix> of(ModelGraph graph, Set<String> names) {
    var found = new LinkedHashMap<String, OutputMatrix>();
    var times = new HashMap<String, Integer>();
    for (var each : Sought.LINEAR.in(graph)) {
      var linear = each.operator();
      if (names.contains(linear.weight())) {
        times.merge(linear.weight(), 1, Integer::sum);
        var node = each.node();
        var said = withPair(graph, node);
        var sum = onlyReader(graph, said).filter(Sought.ADD::isAt).map(Node::output);
        found.put(
            linear.weight(),
            new OutputMatrix(
                linear.weight(),
                linear.bias(),
                node.block(),
                node.input(),
                said,
                sum.orElse(null)));
      }
    }
    found.keySet().removeIf(name -> times.getOrDefault(name, 0) > 1);
    return found;
  }

  /** The output of a linear, with what the LoRA pair beside it adds, if there is one. */
  private static Value withPair(ModelGraph graph, Node linear) {
    return onlyReader(graph, linear.output())
        .filter(Sought.ADD::isAt)
        .filter(
            sum ->
                producer(graph, sum.inputs().get(1))
                    .filter(Sought.SCALE::isAt)
                    .flatMap(scaled -> producer(graph, scaled.input()))
                    .filter(Sought.LINEAR::isAt)
                    .flatMap(outer -> producer(graph, outer.input()))
                    .filter(Sought.LINEAR::isAt)
                    .filter(inner -> inner.input().equals(linear.input()))
                    .isPresent())
        .map(Node::output)
        .orElse(linear.output());
  }

  private static Optional<Node> onlyReader(ModelGraph graph, Value value) {
    var readers = graph.nodes().stream().filter(node -> node.inputs().contains(value)).toList();
    return readers.size() == 1 ? Optional.of(readers.get(0)) : Optional.empty();
  }

  private static Optional<Node> producer(ModelGraph graph, Value value) {
    return graph.nodes().stream().filter(node -> node.output().equals(value)).findFirst();
  }

  /**
   * Refuses a model whose layers cannot be compared with those of the dense model.
   *
   * @param key the setting that asks for it, for the message
   * @throws InputException with the reason
   */
  public static void check(ModelGraph graph, String key, Towards towards) {
    if (!Sought.ROUTE.in(graph).isEmpty()) {
      throw new InputException(
          "%s is set, but the model has experts, to which the pruned model sends other tokens than"
              + " the dense one: leave it out",
          key);
    }
    var normed =
        of(graph, names(graph)).values().stream().filter(each -> each.stream() == null).toList();
    if (towards == Towards.STREAM && !normed.isEmpty()) {
      throw new InputException(
          "%s is %s, but the model norms what %s says before it is added to the residual stream:"
              + " set it to %s",
          key, Settings.word(towards), normed.get(0).name(), Settings.word(Towards.DENSE));
    }
  }

  /** The value that is compared with the dense model's. */
  public Value compared(Towards towards) {
    return towards == Towards.STREAM && stream != null ? stream : said;
  }

  /** These of two graphs of one model. */
  public record Pair(OutputMatrix dense, OutputMatrix pruned) {

    /**
     * The pairs, in forward order; matrices that only one of the graphs has are left out.
     *
     * @param origins names in the dense graph of matrices of the pruned one that have others
     */
    public static List<Pair> of(ModelGraph dense, ModelGraph pruned, Map<String, String> origins) {
      var theirs = OutputMatrix.of(dense, names(dense));
      var names = new HashSet<String>();
      pruned.parameters().keySet().stream()
          .filter(name -> theirs.containsKey(origins.getOrDefault(name, name)))
          .forEach(names::add);
      var pairs = new ArrayList<Pair>();
      for (var own : OutputMatrix.of(pruned, names).values()) {
        var origin = theirs.get(origins.getOrDefault(own.name(), own.name()));
        if (origin != null) {
          pairs.add(new Pair(origin, own));
        }
      }
      return List.copyOf(pairs);
    }
  }
}
