package io.lorashear.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.export.Tried;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.GraphReplay;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import io.lorashear.optim.PruningBudget;
import io.lorashear.shape.Candidates;
import io.lorashear.shape.Shape;
import io.lorashear.shape.ShapeRule;
import io.lorashear.shape.Uniform;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Forecast of the smaller model that a ratio gives in each shape, without reading weights: the
 * widths of all layers, or their range.
 *
 * <pre>
 *   shape        heads   channels             parameters  tried, with its logits
 *   uniform-ffn  3       1,024               107,972,928  transformers, mlx
 *   deci         3 or 0  320 to 1,536 or 0   107,633,088  transformers
 * </pre>
 */
public final class ShapeForecast {
  /**
   * One shape, or one choice of it.
   *
   * @param heads key-value heads of each layer
   * @param channels of each MLP
   * @param parameters number of parameters of the smaller model
   * @param loadedBy programs that were tried with such widths and computed the model's logits
   * @param refused why the shape is refused, or empty
   */
  public record Row(
      Shape shape,
      String heads,
      String channels,
      long parameters,
      List<String> loadedBy,
      String refused) {}

  private final ModelConfig config;
  private final ModelGraph graph;
  private final PruningSpace space;
  private final long remove;
  private final int multiple;
  private final double cap;

  /**
   * The forecast for a model.
   *
   * @param ratio share of all parameters to prune, in (0, 1)
   * @param multiple number that the channels of an MLP are a multiple of
   * @param cap largest share of an axis that may be pruned
   * @param tokens number of tokens that are removed before, and count towards the ratio
   * @throws InputException if they alone exceed the ratio
   */
  public ShapeForecast(ModelConfig config, double ratio, int multiple, double cap, int tokens) {
    long total = Family.of(config).trace(config).parameterCount();
    this.config = tokens == 0 ? config : without(tokens, config);
    this.graph = Family.of(config).trace(this.config);
    this.space = PruningSpace.of(graph);
    this.remove = Math.round(ratio * total) - (total - graph.parameterCount());
    if (remove <= 0) {
      throw new InputException(
          "--vocabulary is %d: such tokens alone have %,d of %,d parameters, no less than the ratio"
              + " %s: remove fewer",
          tokens, total - graph.parameterCount(), total, ratio);
    }
    this.multiple = multiple;
    this.cap = cap;
  }

  private static ModelConfig without(int tokens, ModelConfig config) {
    if (tokens >= config.vocabularySize()) {
      throw new InputException(
          "--vocabulary is %d, but the model has %d tokens: some must stay",
          tokens, config.vocabularySize());
    }
    return config.withVocabulary(config.vocabularySize() - tokens);
  }

  /** A row for each shape; of {@link Uniform}, for each number of heads that can meet the ratio. */
  public List<Row> rows(List<Shape> shapes) {
    return shapes.stream().flatMap(this::rows).toList();
  }

  private Stream<Row> rows(Shape shape) {
    var rule = shape.rule(space, multiple, config.known().storesHeadDimension());
    var budget = budget(rule);
    var axes = axes(budget);
    var problems = rule.contradictions(space, axes, Set.of());
    if (!problems.isEmpty()) {
      return Stream.of(
          new Row(shape, "", "", graph.parameterCount(), List.of(), String.join("; ", problems)));
    }
    long most = budget.reachable(axes);
    if (most < remove) {
      var reason = "at most %,d of %,d parameters could go".formatted(most, graph.parameterCount());
      return Stream.of(new Row(shape, "", "", graph.parameterCount(), List.of(), reason));
    }
    if (!(rule instanceof Uniform uniform) || uniform.heads().isEmpty()) {
      return Stream.of(row(shape, budget, axes));
    }
    return uniform.heads().stream()
        .map(heads -> budget(new Uniform(multiple, List.of(heads))))
        .filter(each -> within(each, axes))
        .map(each -> row(shape, each, axes));
  }

  /** Whether this number of heads meets the budget to within half a step of the channels. */
  private boolean within(PruningBudget each, List<Candidates> axes) {
    long removed = graph.parameterCount() - left(each, axes);
    long step =
        axes.stream()
            .filter(axis -> axis.axis().role() == AxisRole.CHANNELS)
            .mapToLong(axis -> multiple * axis.cost())
            .sum();
    return 2 * Math.abs(removed - remove) <= step;
  }

  private long left(PruningBudget budget, List<Candidates> axes) {
    return plan(budget, axes).parameters(graph);
  }

  private PruningBudget budget(ShapeRule rule) {
    return new PruningBudget(graph.parameterCount(), remove, cap, Map.of(), rule);
  }

  private List<Candidates> axes(PruningBudget budget) {
    return space.prunable(PruningSpace.STRUCTURES).stream()
        .map(axis -> budget.whole(axis, space.cost(axis.axis(), Widths.TRACED)))
        .toList();
  }

  private static WidthPlan plan(PruningBudget budget, List<Candidates> axes) {
    return new WidthPlan(budget.choose(axes));
  }

  private Row row(Shape shape, PruningBudget budget, List<Candidates> axes) {
    var plan = plan(budget, axes);
    var left = Family.of(config).resized(config, GraphReplay.resized(graph, plan).graph());
    boolean even = shape == Shape.UNIFORM || shape == Shape.UNIFORM_FFN;
    var heads = new TreeSet<Integer>();
    var channels = new TreeSet<Integer>();
    for (var layer : left.layers()) {
      heads.add(layer.keyValueHeads());
      channels.addAll(layer.mlps());
    }
    return new Row(
        shape,
        even ? numbers(heads) : range(axes, AxisRole.KEY_VALUE_HEADS, shape),
        even ? numbers(channels) : range(axes, AxisRole.CHANNELS, shape),
        plan.parameters(graph),
        Tried.loading(left),
        "");
  }

  private static String numbers(TreeSet<Integer> numbers) {
    return String.join(" or ", numbers.stream().map(ShapeForecast::grouped).toList());
  }

  private static String grouped(int number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** The range from the smallest width that an axis may get to the largest current width. */
  private String range(List<Candidates> axes, AxisRole role, Shape shape) {
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (var axis : space.axes()) {
      if (axis.role() == role) {
        least = Math.min(least, axis.size());
        most = Math.max(most, axis.size());
      }
    }
    boolean stays = shape == Shape.DECI && role == AxisRole.KEY_VALUE_HEADS;
    int each = role == AxisRole.CHANNELS ? multiple : 1;
    for (var axis : axes) {
      if (axis.axis().role() == role && !stays) {
        int narrowest = axis.axis().size() - axis.most();
        least = Math.min(least, (narrowest + each - 1) / each * each);
      }
    }
    var range = least == most ? grouped(most) : grouped(least) + " to " + grouped(most);
    return shape == Shape.DECI ? range + " or 0" : range;
  }

  /** The rows for people. */
  public static String table(List<Row> rows) {
    var lines = new ArrayList<String>();
    lines.add(line("shape", "heads", "channels", "parameters", "tried, with its logits"));
    for (var row : rows) {
      lines.add(
          row.refused().isEmpty()
              ? line(
                  row.shape().toString(),
                  row.heads(),
                  row.channels(),
                  String.format(Locale.ROOT, "%,d", row.parameters()),
                  String.join(", ", row.loadedBy()))
              : String.format("%-12s not to be had: %s", row.shape(), row.refused()));
    }
    return String.join("\n", lines);
  }

  private static String line(
      String shape, String heads, String channels, String parameters, String programs) {
    return String.format(
        "%-12s %-12s %-20s %16s  %s", shape, heads, channels, parameters, programs);
  }

  /** The rows for programs. */
  public static ArrayNode json(List<Row> rows) {
    var json = JsonFile.object().putArray("shapes");
    for (var row : rows) {
      var entry = json.addObject().put("shape", row.shape().toString());
      if (row.refused().isEmpty()) {
        entry.put("heads", row.heads()).put("channels", row.channels());
        entry.put("parameters", row.parameters());
        row.loadedBy().forEach(entry.putArray("loaded_by")::add);
      } else {
        entry.put("refused", row.refused());
      }
    }
    return json;
  }
}
