package io.lorashear.saliency;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Where a model keeps its knowledge: LoRAShear (arXiv 2310.18356), Algorithm 3.
 *
 * <pre>
 *   δ_axis = mean over ratios of (log PPL without the weakest share of the axis − log PPL)
 * </pre>
 *
 * log PPL is the mean over sources of the mean loss per predicted token.
 *
 * @param ratios shares of an axis that were removed
 * @param dense log PPL of the whole model
 * @param axes in the order of the model
 */
public record KnowledgeProfile(List<Double> ratios, double dense, List<AxisImpact> axes) {
  private static final String FILE = "profile.json";

  /** The change of log PPL from removing shares of one axis, one number for each ratio. */
  public record AxisImpact(String axis, List<Double> deviations) {
    /** δ of the axis. */
    public double deviation() {
      return deviations.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }
  }

  /** The axes, the most sensitive first; equals are ordered by name. */
  public List<AxisImpact> mostSensitive() {
    return axes.stream()
        .sorted(
            Comparator.comparingDouble(AxisImpact::deviation)
                .reversed()
                .thenComparing(AxisImpact::axis))
        .toList();
  }

  /**
   * The γ·|axes| most sensitive axes, or as many of them as leave the budget within reach.
   *
   * @param reachable tells whether the budget can be met when these axes lose nothing
   */
  public Set<String> unprunable(double gamma, Predicate<Set<String>> reachable) {
    var ranked = mostSensitive().stream().map(AxisImpact::axis).toList();
    for (int count = (int) Math.floor(gamma * ranked.size()); count > 0; count--) {
      var names = new LinkedHashSet<>(ranked.subList(0, count));
      if (reachable.test(names)) {
        return names;
      }
    }
    return Set.of();
  }

  /** As JSON. */
  public ObjectNode toJson() {
    var json = JsonFile.object();
    ratios.forEach(json.putArray("ratios")::add);
    json.put("denseLoss", dense);
    var list = json.putArray("axes");
    for (var axis : axes) {
      var entry = list.addObject().put("axis", axis.axis()).put("deviation", axis.deviation());
      axis.deviations().forEach(entry.putArray("deviations")::add);
    }
    return json;
  }

  /** Writes the profile into {@code folder}. */
  public void write(Path folder) {
    JsonFile.write(folder.resolve(FILE), toJson());
  }

  /**
   * Reads the profile that analyze published.
   *
   * @throws InputException when there is none, or it was changed
   */
  public static KnowledgeProfile read(Path folder) {
    var file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new InputException("%s is missing: run analyze, which writes it", file);
    }
    if (Files.isRegularFile(folder.resolve(Publication.MANIFEST))) {
      PublishedDirectory.openOf("analyze", folder).verified(FILE);
    }
    var json = JsonFile.read(file);
    var ratios = new ArrayList<Double>();
    json.path("ratios").forEach(ratio -> ratios.add(ratio.asDouble()));
    var axes = new ArrayList<AxisImpact>();
    for (var entry : json.path("axes")) {
      var deviations = new ArrayList<Double>();
      entry.path("deviations").forEach(value -> deviations.add(value.asDouble()));
      axes.add(new AxisImpact(entry.path("axis").asText(), List.copyOf(deviations)));
    }
    return new KnowledgeProfile(
        List.copyOf(ratios), json.path("denseLoss").asDouble(), List.copyOf(axes));
  }
}
