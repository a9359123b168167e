package io.lorashear.torch;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Embedding;
import io.lorashear.graph.Operator.PositionEmbedding;
import io.lorashear.graph.Operator.Rotary;
import io.lorashear.graph.Value;
import io.lorashear.torch.BlockwiseBackward.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes a model as TorchScript. Layers that compute alike share one method, called with their own
 * slice of the weights:
 *
 * <pre>
 *   tables(ids) → t             what depends on the length alone
 *   part_i(x…, t, w) → y…       one for every distinct block
 *   body(ids, w) → h…           all blocks; what the head reads
 *   head(h, w) → logits         what follows the last block, position by position
 * </pre>
 */
final class TorchCompiler {
  private static final String IDENTITY =
      """
        def head(self: __torch__.M,
          h: Tensor,
          w: List[Tensor]) -> Tensor:
          return RESULT
      """;

  /** Consecutive nodes of one block. */
  private record Run(List<Node> nodes, List<Value> inputs, List<Value> outputs) {
    List<String> parameters() {
      var names = new LinkedHashSet<String>();
      nodes.forEach(node -> names.addAll(node.operator().parameters()));
      return List.copyOf(names);
    }

    int attentions() {
      return (int) nodes.stream().filter(node -> node.operator() instanceof Attention).count();
    }
  }

  private final ModelGraph graph;
  private final Arrangement arrangement;
  private final Precision precision;
  private final Set<String> wide;
  private final Tables tables;
  private final Map<String, Integer> weights = new LinkedHashMap<>();
  private int remembered;
  private final Map<String, String> parts = new LinkedHashMap<>(); // signature and lines → name

  private TorchCompiler(ModelGraph graph, Arrangement arrangement, Precision precision) {
    this.graph = graph;
    this.arrangement = arrangement;
    this.precision = precision;
    this.wide = Precision.alwaysWide(graph);
    this.tables = new Tables(graph, arrangement, precision);
    graph.parameters().keySet().forEach(name -> weights.put(name, weights.size()));
  }

  /**
   * The methods {@code body} and {@code head} for tokens that stand in this way. The order of
   * {@code w} is that of {@link ModelGraph#parameters()}; logits are float32.
   */
  static String model(ModelGraph graph, Arrangement arrangement, Precision precision) {
    var compiler = new TorchCompiler(graph, arrangement, precision);
    var runs = compiler.runs(Set.of(graph.logits()));
    var head = runs.get(runs.size() - 1);
    boolean separate = runs.size() > 1 && isHead(head);
    var body = separate ? runs.subList(0, runs.size() - 1) : runs;
    var result = separate ? head.inputs().get(0) : graph.logits();
    var main = compiler.main("body", body, "Tensor", name(result));
    var last = separate ? compiler.head(head) : IDENTITY.replace("RESULT", precision.wide("h"));
    return compiler.text(main + last + compiler.byBlock(body, name(result)));
  }

  /** How it trains with one block in memory, where that is how tokens are trained on. */
  private String byBlock(List<Run> body, String result) {
    if (arrangement != Arrangement.ROWS && arrangement != Arrangement.PACKED) {
      return "";
    }
    var steps =
        body.stream()
            .map(run -> new Step(part(run), list(run.inputs()), list(run.outputs()), weights(run)));
    return BlockwiseBackward.text(steps.toList(), result, arrangement);
  }

  /** The method {@code taps(ids, w)}, which returns the given values as a list, in float32. */
  static String taps(ModelGraph graph, Collection<Value> values, Precision precision) {
    var compiler = new TorchCompiler(graph, Arrangement.ROWS, precision);
    var runs = compiler.runs(Set.copyOf(values));
    var results =
        values.stream().map(v -> precision.wide(name(v))).collect(Collectors.joining(", "));
    return compiler.text(compiler.main("taps", runs, "List[Tensor]", "[" + results + "]"));
  }

  private String text(String main) {
    var all = new StringBuilder(tables.method());
    parts.forEach((lines, name) -> all.append("  def ").append(name).append(lines));
    return all.append(main).toString();
  }

  /** Positions do not see each other in it, and it reads one value alone. */
  private static boolean isHead(Run run) {
    return run.inputs().size() == 1
        && run.nodes().stream()
            .map(Node::operator)
            .noneMatch(
                o ->
                    o instanceof Attention
                        || o instanceof Rotary
                        || o instanceof Embedding
                        || o instanceof PositionEmbedding);
  }

  // Cutting the graph

  private List<Run> runs(Set<Value> results) {
    var cut = new ArrayList<List<Node>>();
    for (var node : needed(results)) {
      if (cut.isEmpty() || !last(last(cut)).block().equals(node.block())) {
        cut.add(new ArrayList<>());
      }
      last(cut).add(node);
    }
    var runs = new ArrayList<Run>();
    var wanted = new HashSet<Value>(results);
    for (int i = cut.size() - 1; i >= 0; i--) {
      runs.add(0, run(cut.get(i), wanted));
      wanted.addAll(runs.get(0).inputs());
    }
    return runs;
  }

  /** What the results hang on, in order. */
  private List<Node> needed(Set<Value> results) {
    var wanted = new HashSet<Value>(results);
    var nodes = new ArrayDeque<Node>();
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      var node = graph.nodes().get(i);
      if (wanted.contains(node.output())) {
        nodes.addFirst(node);
        wanted.addAll(node.inputs());
      }
    }
    return List.copyOf(nodes);
  }

  private static Run run(List<Node> nodes, Set<Value> wanted) {
    var made =
        nodes.stream().map(Node::output).collect(Collectors.toCollection(LinkedHashSet::new));
    var inputs = new LinkedHashSet<Value>();
    nodes.forEach(node -> inputs.addAll(node.inputs()));
    inputs.removeAll(made);
    return new Run(nodes, List.copyOf(inputs), made.stream().filter(wanted::contains).toList());
  }

  private static <T> T last(List<T> list) {
    return list.get(list.size() - 1);
  }

  // Writing

  private String main(String method, List<Run> runs, String type, String result) {
    var lines = new StringBuilder();
    lines.append("  def ").append(method).append("(self: __torch__.M,\n");
    lines.append("    ids: Tensor,\n").append(arrangement.declared);
    lines.append(memory() ? "    c: List[Tensor],\n" : "");
    lines.append("    w: List[Tensor]) -> ").append(type).append(":\n");
    lines.append("    t = self.tables(ids").append(arrangement.passed).append(")\n");
    for (var run : runs) {
      var call = call(run);
      lines.append("    ").append(names(run.outputs())).append(" = ").append(call).append('\n');
    }
    return lines.append("    return ").append(result).append('\n').toString();
  }

  private String head(Run run) {
    return """
          def head(self: __torch__.M,
            %s: Tensor,
            w: List[Tensor]) -> Tensor:
            t = annotate(List[Tensor], [])
            return %s
        """
        .formatted(names(run.inputs()), precision.wide(call(run)));
  }

  private String call(Run run) {
    var memory = memory() && run.attentions() > 0 ? ", c, " + remembered : "";
    remembered += 2 * run.attentions();
    var part = part(run);
    return "self.%s(%s, t, %s%s)".formatted(part, names(run.inputs()), weights(run), memory);
  }

  private String weights(Run run) {
    return slice(run.parameters().stream().map(weights::get).toList());
  }

  private boolean memory() {
    return arrangement == Arrangement.CONTINUED;
  }

  private static String slice(List<Integer> places) {
    int first = places.isEmpty() ? 0 : places.get(0);
    boolean contiguous =
        IntStream.range(0, places.size()).allMatch(i -> places.get(i) == first + i);
    if (contiguous) {
      return "w[" + first + ":" + (first + places.size()) + "]";
    }
    return places.stream().map(i -> "w[" + i + "]").collect(Collectors.joining(", ", "[", "]"));
  }

  private String names(List<Value> values) {
    return String.join(", ", list(values));
  }

  private List<String> list(List<Value> values) {
    return values.stream().map(v -> v.equals(graph.tokens()) ? "ids" : name(v)).toList();
  }

  private static String name(Value value) {
    return "v" + value.id();
  }

  /** The name of the method for {@code run}; writes it when no earlier run computes alike. */
  private String part(Run run) {
    var local = new LinkedHashMap<Value, String>();
    run.inputs().forEach(value -> local.put(value, "x" + local.size()));
    var signature = new StringBuilder("(self: __torch__.M,\n");
    local.values().forEach(x -> signature.append("    ").append(x).append(": Tensor,\n"));
    signature.append("    t: List[Tensor],\n    w: List[Tensor]");
    signature.append(memory() && run.attentions() > 0 ? ",\n    c: List[Tensor],\n    o: int" : "");
    signature.append(") -> ");
    signature.append(type(run.outputs().size())).append(":\n");
    var body = new OperatorText(graph, tables, arrangement, precision);
    var parameters = run.parameters();
    Function<String, String> weight = name -> weight(name, parameters.indexOf(name));
    var composed = new ComposedLinears(run.nodes(), run.outputs());
    for (var node : run.nodes()) {
      local.put(node.output(), "y" + local.size());
      var y = local.get(node.output());
      var found = composed.at(node);
      if (found != null) {
        var x = Objects.requireNonNull(local.get(found.input()));
        body.composed(found, x, weight, y);
      } else if (!composed.absorbs(node)) {
        var inputs = node.inputs().stream().map(local::get).toList();
        body.write(node, inputs, node.operator().parameters().stream().map(weight).toList(), y);
      }
    }
    var results = run.outputs().stream().map(local::get).collect(Collectors.joining(", "));
    var lines = signature + body.toString() + "    return " + results + "\n";
    return parts.computeIfAbsent(lines, key -> "part_" + parts.size());
  }

  private String weight(String name, int place) {
    var w = "w[" + place + "]";
    return wide.contains(name) ? w : precision.weight(w, "x0.device");
  }

  private static String type(int outputs) {
    var each = Collections.nCopies(outputs, "Tensor");
    return outputs == 1 ? "Tensor" : "Tuple[" + String.join(", ", each) + "]";
  }
}
