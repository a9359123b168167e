package io.lorashear.torch.compile;

import static io.lorashear.torch.script.Expression.list;
import static io.lorashear.torch.script.Expression.self;
import static io.lorashear.torch.script.Expression.tensors;
import static io.lorashear.torch.script.Signature.TENSOR;
import static io.lorashear.torch.script.Signature.TENSORS;
import static io.lorashear.torch.script.Signature.WHOLE_NUMBER;

import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Value;
import io.lorashear.torch.compile.TrainingPass.Step;
import io.lorashear.torch.script.Expression;
import io.lorashear.torch.script.Lines;
import io.lorashear.torch.script.Signature;
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
 * Writes a model as TorchScript. Layers with the same computation share one method, called with
 * their own slice of the weights:
 *
 * <pre>
 *   tables(ids) → t             what depends on the positions alone
 *   part_i(x…, t, w) → y…       one for every distinct block
 *   body(ids, w) → h…           all blocks; returns what the head reads
 *   head(h, w) → logits         what follows the last block, position by position
 * </pre>
 */
final class TorchCompiler {
  private static final Expression W = new Expression("w"); // weights, trainable or not
  private static final Expression D = new Expression("d"); // the same, detached
  private static final Expression H = new Expression("h");
  private static final Expression T = new Expression("t"); // tables
  private static final Expression BESIDE = new Expression("x0");

  private final ModelGraph graph;
  private final Arrangement arrangement;
  private final Precision precision;
  private final Casts casts;
  private final double dropout;
  private final Set<String> wide;
  final Tables tables;
  private final Map<String, Integer> weights = new LinkedHashMap<>();
  private int remembered;
  private final Map<String, String> parts; // signature and lines → name

  TorchCompiler(
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
    this.casts = new Casts(precision);
    this.wide = Precision.alwaysWide(graph);
    this.tables = new Tables(graph, arrangement, precision);
    graph.parameters().keySet().forEach(name -> weights.put(name, weights.size()));
  }

  /**
   * The methods {@code body} and {@code head} for one arrangement of tokens. The order of {@code w}
   * is that of {@link ModelGraph#parameters()}; logits are float32.
   */
  static String model(ModelGraph graph, Arrangement arrangement, Precision precision) {
    return model(graph, List.of(arrangement), precision);
  }

  /** The same for several arrangements of tokens, by methods with different names. */
  static String model(ModelGraph graph, List<Arrangement> arrangements, Precision precision) {
    var parts = new LinkedHashMap<String, String>();
    var methods = new StringBuilder();
    var head = "";
    for (var arrangement : arrangements) {
      var compiler = new TorchCompiler(graph, arrangement, precision, parts);
      var cut = Run.cut(graph);
      var body = compiler.main("body", cut.body(), TENSOR, name(cut.result()));
      methods.append(compiler.tables.method()).append(body);
      head = compiler.head(cut);
    }
    return text(parts, methods + head);
  }

  /**
   * The method {@code head}, and those of {@link TrainingPass}, with the weights of these names
   * trainable.
   *
   * @param dropout share of a LoRA pair's inputs that is dropped at random
   */
  static String training(
      ModelGraph graph,
      Arrangement rows,
      Precision precision,
      Set<String> learning,
      double dropout) {
    var parts = new LinkedHashMap<String, String>();
    var compiler = new TorchCompiler(graph, rows, precision, parts, dropout);
    var dependents = LinearProducts.dependents(graph, learning);
    var cut = Run.cut(graph);
    if (dropout > 0) {
      Dropout.refusePair(cut.head());
    }
    var steps = cut.body().stream().map(run -> compiler.step(run, learning, dependents)).toList();
    var pass =
        TrainingPass.text(steps, cut.result(), graph.tokens(), dependents, rows, dropout > 0);
    var head = new TorchCompiler(graph, rows, precision, parts).head(cut);
    return text(parts, compiler.tables.method() + Dropout.text(dropout) + head + pass);
  }

  /** The method {@code taps(ids, w)}, which returns the given values as a list, in float32. */
  static String taps(ModelGraph graph, Collection<Value> values, Precision precision) {
    var parts = new LinkedHashMap<String, String>();
    var compiler = new TorchCompiler(graph, Arrangement.ROWS, precision, parts);
    var runs = Run.all(graph, Set.copyOf(values));
    var results = list(values.stream().map(v -> compiler.casts.wide(name(v))).toArray());
    var taps = compiler.main("taps", runs, TENSORS, results);
    return text(parts, compiler.tables.method() + taps);
  }

  /**
   * The method {@code walk(ids, h, w)}, which continues the computation from the values {@code
   * given}, the list h.
   *
   * @param taps values it returns in float32
   * @param kept values it returns after them, in their own type
   */
  static String walk(
      ModelGraph graph,
      List<Value> given,
      List<Value> taps,
      List<Value> kept,
      Precision precision) {
    var parts = new LinkedHashMap<String, String>();
    var compiler = new TorchCompiler(graph, Arrangement.ROWS, precision, parts);
    var results = new ArrayList<Expression>();
    taps.forEach(value -> results.add(compiler.casts.wide(name(value))));
    kept.forEach(value -> results.add(name(value)));
    var wanted = new HashSet<>(taps);
    wanted.addAll(kept);
    var runs = Run.all(graph, Set.copyOf(given), wanted);
    var walk = compiler.main("walk", given, runs, TENSORS, list(results.toArray()));
    return text(parts, compiler.tables.method() + walk);
  }

  static String text(Map<String, String> parts, String main) {
    var all = new StringBuilder(Attend.TEXT);
    parts.forEach((lines, name) -> all.append("  def ").append(name).append(lines));
    return all.append(main).toString();
  }

  // Writing

  private String main(String method, List<Run> runs, String type, Expression result) {
    return main(method, List.of(), runs, type, result);
  }

  private String main(
      String method, List<Value> given, List<Run> runs, String type, Expression result) {
    var signature = new Signature().takes("ids", TENSOR).declared(arrangement.declared);
    if (memory()) {
      signature.takes("c", TENSORS);
    }
    if (!given.isEmpty()) {
      signature.takes("h", TENSORS);
    }
    var lines = new Lines();
    lines.let(T, self(arrangement.prefix + "tables", "ids" + arrangement.passed));
    for (int i = 0; i < given.size(); i++) {
      lines.let(name(given.get(i)), H.at(i));
    }
    runs.forEach(run -> lines.let(names(run.outputs()), call(run)));
    return method(arrangement.prefix + method, signature.takes("w", TENSORS).gives(type), lines)
        + result(result);
  }

  private static String method(String name, String signature, Lines lines) {
    return "  def " + name + signature + lines;
  }

  private static String result(Expression result) {
    return "    return " + result + "\n";
  }

  private String head(Run.Cut cut) {
    var run = cut.head();
    var lines = new Lines();
    if (run == null) {
      var signature = new Signature().takes("h", TENSOR).takes("w", TENSORS);
      return method("head", signature.gives(TENSOR), lines) + result(casts.wide(H));
    }
    var signature = new Signature().takes(names(run.inputs()).text(), TENSOR).takes("w", TENSORS);
    lines.let(T, tensors(List.of()));
    return method("head", signature.gives(TENSOR), lines) + result(casts.wide(call(run)));
  }

  private Expression call(Run run) {
    var arguments = new ArrayList<Object>(values(run.inputs()));
    arguments.add(T);
    arguments.add(weights(run, "w"));
    if (memory() && run.attentions() > 0) {
      arguments.addAll(List.of("c", remembered, "past"));
    }
    remembered += 2 * run.attentions();
    return self(part(run), arguments.toArray());
  }

  private Expression weights(Run run, String list) {
    return slice(list, run.parameters().stream().map(weights::get).toList());
  }

  private boolean memory() {
    return arrangement == Arrangement.CONTINUED;
  }

  private static Expression slice(String list, List<Integer> places) {
    int first = places.isEmpty() ? 0 : places.get(0);
    boolean contiguous =
        IntStream.range(0, places.size()).allMatch(i -> places.get(i) == first + i);
    if (contiguous) {
      return new Expression(list + "[" + first + ":" + (first + places.size()) + "]");
    }
    return list(places.stream().map(new Expression(list)::at).toArray());
  }

  private Expression names(List<Value> values) {
    return new Expression(
        values(values).stream().map(Expression::text).collect(Collectors.joining(", ")));
  }

  private List<Expression> values(List<Value> values) {
    return values.stream()
        .map(v -> v.equals(graph.tokens()) ? new Expression("ids") : name(v))
        .toList();
  }

  private static Expression name(Value value) {
    return new Expression("v" + value.id());
  }

  /** Names x0, x1, … for the inputs of a run. */
  private static Map<Value, Expression> inputs(Run run) {
    var local = new LinkedHashMap<Value, Expression>();
    run.inputs().forEach(value -> local.put(value, new Expression("x" + local.size())));
    return local;
  }

  private static void name(Map<Value, Expression> local, Node node) {
    local.put(node.output(), new Expression("y" + local.size()));
  }

  /** The method's name for {@code run}; writes it unless an earlier run computes the same. */
  private String part(Run run) {
    var local = inputs(run);
    var signature = new Signature().tensors(local.values()).takes("t", TENSORS).takes("w", TENSORS);
    if (memory() && run.attentions() > 0) { // the key-value cache
      signature.takes("c", TENSORS).takes("o", WHOLE_NUMBER).takes("past", WHOLE_NUMBER);
    }
    var spare = SpareValues.of(run.nodes(), run.outputs());
    var body = new OperatorText(graph, tables, arrangement, precision, spare, dropout);
    var weight = weights(run, W, BESIDE);
    var composed = new ComposedLinears(run.nodes(), run.outputs());
    for (var node : run.nodes()) {
      name(local, node);
      write(node, composed, local, weight, body);
    }
    var results =
        run.outputs().stream()
            .map(local::get)
            .map(Object::toString)
            .collect(Collectors.joining(", "));
    var type = type(run.outputs().size());
    return method(signature.gives(type) + body + result(new Expression(results)));
  }

  private String method(String lines) {
    return parts.computeIfAbsent(lines, key -> "part_" + parts.size());
  }

  private static void write(
      Node node,
      ComposedLinears composed,
      Map<Value, Expression> local,
      Function<String, Expression> weight,
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

  /** A run's weights by name: elements of {@code list} on the device of {@code beside}. */
  private Function<String, Expression> weights(Run run, Expression list, Expression beside) {
    var parameters = run.parameters();
    return name -> {
      var w = list.at(parameters.indexOf(name));
      return wide.contains(name)
          ? casts.wideWeight(w, beside.device())
          : casts.weight(w, beside.device());
    };
  }

  // Training

  /** Writes the training methods of {@code run}; w are its weights, d the same detached. */
  Step step(Run run, Set<String> learning, Set<Value> dependents) {
    var local = inputs(run);
    var keep = trained(new Signature().tensors(local.values()));
    run.nodes().forEach(node -> name(local, node));
    var gradients = gradients(run, learning, dependents, local);
    var lines = new StringBuilder();
    lines.append(keep.gives(TENSORS)).append(forward(run, dependents, local));
    lines.append(result(list(gradients.sums().kept().toArray())));
    var back = trained(new Signature().takes("s", TENSORS)).takes("g", TENSORS).gives(TENSORS);
    return new Step(
        part(run),
        method(lines.toString()),
        method(back + gradients + result(gradients.sums().end(run.inputs()))),
        run.inputs(),
        run.outputs(),
        list -> weights(run, list));
  }

  private static Signature trained(Signature signature) {
    return signature.takes("t", TENSORS).takes("w", TENSORS).takes("d", TENSORS);
  }

  private OperatorGradients gradients(
      Run run, Set<String> learning, Set<Value> dependents, Map<Value, Expression> local) {
    var composed = new ComposedLinears(run.nodes(), run.outputs());
    var parameters = run.parameters();
    var gradients =
        new OperatorGradients(
            graph,
            tables,
            precision,
            learning,
            dependents,
            local,
            weights(run, D, new Expression("g").at(0)),
            name -> W.at(parameters.indexOf(name)));
    gradients.sums().begin(run.outputs());
    for (int i = run.nodes().size() - 1; i >= 0; i--) {
      var node = run.nodes().get(i);
      var found = composed.at(node);
      if (found != null) {
        gradients.composed(found, dropout > 0);
      } else if (!composed.absorbs(node)) {
        gradients.write(node);
      }
    }
    return gradients;
  }

  /** The forward pass of a run in training. */
  private OperatorText forward(Run run, Set<Value> dependents, Map<Value, Expression> local) {
    var body = new OperatorText(graph, tables, arrangement, precision, Set.of(), dropout);
    var composed = new ComposedLinears(run.nodes(), run.outputs());
    for (var node : run.nodes()) {
      if (OperatorGradients.isAutomatic(node) && dependents.contains(node.output())) {
        var inputs = node.inputs().stream().map(local::get).toList();
        var w = node.operator().parameters().stream().map(weights(run, W, BESIDE)).toList();
        var y = Objects.requireNonNull(local.get(node.output()));
        body.automatic(node, inputs, OperatorGradients.followed(node, dependents), w, y);
      } else {
        write(node, composed, local, weights(run, D, BESIDE), body);
      }
    }
    return body;
  }

  private static String type(int outputs) {
    var each = Collections.nCopies(outputs, TENSOR);
    return outputs == 1 ? TENSOR : "Tuple[" + String.join(", ", each) + "]";
  }
}
