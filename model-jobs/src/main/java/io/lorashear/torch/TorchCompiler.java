package io.lorashear.torch;

import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Value;
import io.lorashear.torch.TrainingPass.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
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

  /** What methods with attention take besides where a text goes on. */
  private static final String MEMORY = ",\n    c: List[Tensor],\n    o: int,\n    past: int";

  /** What methods of training take besides. */
  private static final String TRAINED =
      "    t: List[Tensor],\n    w: List[Tensor],\n    d: List[Tensor]";

  private final ModelGraph graph;
  private final Arrangement arrangement;
  private final Precision precision;
  private final double dropout;
  private final Set<String> wide;
  private final Tables tables;
  private final Map<String, Integer> weights = new LinkedHashMap<>();
  private int remembered;
  private final Map<String, String> parts; // signature and lines → name

  private TorchCompiler(
      ModelGraph graph, Arrangement arrangement, Precision precision, Map<String, String> parts) {
    this(graph, arrangement, precision, parts, 0);
  }

  private TorchCompiler(
      ModelGraph graph,
      Arrangement arrangement,
      Precision precision,
      Map<String, String> parts,
      double dropout) {
    this.parts = parts;
    this.dropout = dropout;
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
    return model(graph, List.of(arrangement), precision);
  }

  /** The same for tokens that stand in several ways, by methods with different names. */
  static String model(ModelGraph graph, List<Arrangement> arrangements, Precision precision) {
    var parts = new LinkedHashMap<String, String>();
    var methods = new StringBuilder();
    var head = "";
    for (var arrangement : arrangements) {
      var compiler = new TorchCompiler(graph, arrangement, precision, parts);
      var cut = Run.cut(graph);
      var body = compiler.main("body", cut.body(), "Tensor", name(cut.result()));
      methods.append(compiler.tables.method()).append(body);
      head = compiler.head(cut);
    }
    return text(parts, methods + head);
  }

  /**
   * The methods {@code head}, and those of {@link TrainingPass} for weights of these names that
   * learn.
   *
   * @param dropout share of what goes into a LoRA pair that is left out at random
   */
  static String training(
      ModelGraph graph,
      Arrangement arrangement,
      Precision precision,
      Set<String> learning,
      double dropout) {
    var parts = new LinkedHashMap<String, String>();
    var compiler = new TorchCompiler(graph, arrangement, precision, parts, dropout);
    var hanging = LinearProducts.hanging(graph, learning);
    var cut = Run.cut(graph);
    if (dropout > 0) {
      Dropout.refusePair(cut.head());
    }
    var steps = cut.body().stream().map(run -> compiler.step(run, learning, hanging)).toList();
    var pass =
        TrainingPass.text(steps, cut.result(), graph.tokens(), hanging, arrangement, dropout > 0);
    var head = new TorchCompiler(graph, arrangement, precision, parts).head(cut);
    return text(parts, compiler.tables.method() + Dropout.text(dropout) + head + pass);
  }

  /** The method {@code taps(ids, w)}, which returns the given values as a list, in float32. */
  static String taps(ModelGraph graph, Collection<Value> values, Precision precision) {
    var parts = new LinkedHashMap<String, String>();
    var compiler = new TorchCompiler(graph, Arrangement.ROWS, precision, parts);
    var runs = Run.all(graph, Set.copyOf(values));
    var results =
        values.stream().map(v -> precision.wide(name(v))).collect(Collectors.joining(", "));
    var taps = compiler.main("taps", runs, "List[Tensor]", "[" + results + "]");
    return text(parts, compiler.tables.method() + taps);
  }

  /**
   * The method {@code walk(ids, h, w)}, which computes on from the values {@code given}, the list
   * h.
   *
   * @param taps what it returns in float32
   * @param kept what it returns after them as it is
   */
  static String walk(
      ModelGraph graph,
      List<Value> given,
      List<Value> taps,
      List<Value> kept,
      Precision precision) {
    var parts = new LinkedHashMap<String, String>();
    var compiler = new TorchCompiler(graph, Arrangement.ROWS, precision, parts);
    var results = new ArrayList<String>();
    taps.forEach(value -> results.add(precision.wide(name(value))));
    kept.forEach(value -> results.add(name(value)));
    var wanted = new HashSet<>(taps);
    wanted.addAll(kept);
    var runs = Run.all(graph, Set.copyOf(given), wanted);
    var walk = compiler.main("walk", given, runs, "List[Tensor]", results.toString());
    return text(parts, compiler.tables.method() + walk);
  }

  private static String text(Map<String, String> parts, String main) {
    var all = new StringBuilder(Attend.TEXT);
    parts.forEach((lines, name) -> all.append("  def ").append(name).append(lines));
    return all.append(main).toString();
  }

  // Writing

  private String main(String method, List<Run> runs, String type, String result) {
    return main(method, List.of(), runs, type, result);
  }

  private String main(
      String method, List<Value> given, List<Run> runs, String type, String result) {
    var lines = new StringBuilder();
    lines.append("  def ").append(arrangement.prefix + method).append("(self: __torch__.M,\n");
    lines.append("    ids: Tensor,\n").append(arrangement.declared);
    lines.append(memory() ? "    c: List[Tensor],\n" : "");
    lines.append(given.isEmpty() ? "" : "    h: List[Tensor],\n");
    lines.append("    w: List[Tensor]) -> ").append(type).append(":\n");
    lines.append("    t = self.").append(arrangement.prefix).append("tables(ids");
    lines.append(arrangement.passed).append(")\n");
    for (int i = 0; i < given.size(); i++) {
      lines.append("    ").append(name(given.get(i))).append(" = h[" + i + "]\n");
    }
    for (var run : runs) {
      var call = call(run);
      lines.append("    ").append(names(run.outputs())).append(" = ").append(call).append('\n');
    }
    return lines.append("    return ").append(result).append('\n').toString();
  }

  private String head(Run.Cut cut) {
    var run = cut.head();
    if (run == null) {
      return IDENTITY.replace("RESULT", precision.wide("h"));
    }
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
    var memory = memory() && run.attentions() > 0 ? ", c, " + remembered + ", past" : "";
    remembered += 2 * run.attentions();
    var part = part(run);
    return "self.%s(%s, t, %s%s)".formatted(part, names(run.inputs()), weights(run), memory);
  }

  private String weights(Run run) {
    return weights(run, "w");
  }

  private String weights(Run run, String list) {
    return slice(list, run.parameters().stream().map(weights::get).toList());
  }

  private boolean memory() {
    return arrangement == Arrangement.CONTINUED;
  }

  private static String slice(String list, List<Integer> places) {
    int first = places.isEmpty() ? 0 : places.get(0);
    boolean contiguous =
        IntStream.range(0, places.size()).allMatch(i -> places.get(i) == first + i);
    if (contiguous) {
      return list + "[" + first + ":" + (first + places.size()) + "]";
    }
    return places.stream()
        .map(i -> list + "[" + i + "]")
        .collect(Collectors.joining(", ", "[", "]"));
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
    signature.append(memory() && run.attentions() > 0 ? MEMORY : "");
    signature.append(") -> ");
    signature.append(type(run.outputs().size())).append(":\n");
    var spare = SpareValues.of(run.nodes(), run.outputs());
    var body = new OperatorText(graph, tables, arrangement, precision, spare, dropout);
    var parameters = run.parameters();
    Function<String, String> weight =
        name -> weight(name, "w[" + parameters.indexOf(name) + "]", "x0");
    var composed = new ComposedLinears(run.nodes(), run.outputs());
    for (var node : run.nodes()) {
      local.put(node.output(), "y" + local.size());
      write(node, composed, local, weight, body);
    }
    var results = run.outputs().stream().map(local::get).collect(Collectors.joining(", "));
    var lines = signature + body.toString() + "    return " + results + "\n";
    return method(lines);
  }

  private String method(String lines) {
    return parts.computeIfAbsent(lines, key -> "part_" + parts.size());
  }

  private static void write(
      Node node,
      ComposedLinears composed,
      Map<Value, String> local,
      Function<String, String> weight,
      OperatorText body) {
    var y = Objects.requireNonNull(local.get(node.output()));
    var found = composed.at(node);
    if (found != null) {
      body.composed(found, Objects.requireNonNull(local.get(found.input())), weight, y);
    } else if (!composed.absorbs(node)) {
      var inputs = node.inputs().stream().map(local::get).toList();
      body.write(node, inputs, node.operator().parameters().stream().map(weight).toList(), y);
    }
  }

  /** A weight that is written {@code w}, where {@code beside} is a tensor on the device. */
  private String weight(String name, String w, String beside) {
    return wide.contains(name)
        ? precision.wideWeight(w, beside + ".device")
        : precision.weight(w, beside + ".device");
  }

  // Training

  /** Writes how {@code run} is trained; w are its weights as they learn, d the same frozen. */
  private Step step(Run run, Set<String> learning, Set<Value> hanging) {
    var local = new LinkedHashMap<Value, String>();
    run.inputs().forEach(value -> local.put(value, "x" + local.size()));
    var declared = new StringBuilder();
    local.values().forEach(x -> declared.append("    ").append(x).append(": Tensor,\n"));
    run.nodes().forEach(node -> local.put(node.output(), "y" + local.size()));
    var parameters = run.parameters();
    var composed = new ComposedLinears(run.nodes(), run.outputs());
    var gradients =
        new OperatorGradients(
            graph,
            tables,
            precision,
            learning,
            hanging,
            local,
            name -> weight(name, "d[" + parameters.indexOf(name) + "]", "g[0]"),
            name -> "w[" + parameters.indexOf(name) + "]");
    gradients.outputs(run.outputs());
    for (int i = run.nodes().size() - 1; i >= 0; i--) {
      var node = run.nodes().get(i);
      var found = composed.at(node);
      if (found != null) {
        gradients.composed(found, dropout > 0);
      } else if (!composed.absorbs(node)) {
        gradients.write(node);
      }
    }
    var body = new OperatorText(graph, tables, arrangement, precision, Set.of(), dropout);
    for (var node : run.nodes()) {
      if (OperatorGradients.isAutomatic(node) && hanging.contains(node.output())) {
        automatic(node, local, hanging, parameters, body);
      } else {
        Function<String, String> weight =
            name -> weight(name, "d[" + parameters.indexOf(name) + "]", "x0");
        write(node, composed, local, weight, body);
      }
    }
    var kept = String.join(", ", gradients.kept());
    var keep =
        "(self: __torch__.M,\n%s%s) -> List[Tensor]:\n%s    return [%s]\n"
            .formatted(declared, TRAINED, body, kept);
    var back =
        "(self: __torch__.M,\n    s: List[Tensor],\n%s,\n    g: List[Tensor]) -> List[Tensor]:\n%s    return %s\n"
            .formatted(TRAINED, gradients, gradients.inputs(run.inputs()));
    return new Step(
        part(run),
        method(keep),
        method(back),
        run.inputs(),
        run.outputs(),
        list -> weights(run, list));
  }

  /** Writes an operator whose gradient is left to autograd. */
  private void automatic(
      Node node,
      Map<Value, String> local,
      Set<Value> hanging,
      List<String> parameters,
      OperatorText body) {
    var y = Objects.requireNonNull(local.get(node.output()));
    var leaves = new ArrayList<String>();
    for (int i = 0; i < node.inputs().size(); i++) {
      var name = Objects.requireNonNull(local.get(node.inputs().get(i)));
      if (OperatorGradients.hasGradient(node, i, hanging)) {
        body.leaf(y + "_a" + leaves.size(), name);
        name = y + "_a" + leaves.size();
      }
      leaves.add(name);
    }
    Function<String, String> weight =
        name -> weight(name, "w[" + parameters.indexOf(name) + "]", "x0");
    var w = node.operator().parameters().stream().map(weight).toList();
    body.write(node, leaves, w, y + "_k");
    body.frozen(y, y + "_k");
  }

  private static String type(int outputs) {
    var each = Collections.nCopies(outputs, "Tensor");
    return outputs == 1 ? "Tensor" : "Tuple[" + String.join(", ", each) + "]";
  }
}
