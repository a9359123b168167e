package io.lorashear.card;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.run.ContentHash;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The README.md of a model. Unknown facts are left out or called unknown.
 *
 * <pre>
 *   front matter     base_model, license, library_name, pipeline_tag, tags, datasets
 *   removed          counts of pruning, and the remaining widths
 *   data             sources and their terms, of every step
 *   recipe           settings of every stage
 *   scores           results of evaluate
 *   loading          a line for each program
 *   hashes           of this model, and of the models it was made from
 * </pre>
 */
public final class ModelCard {
  /** The file's name. */
  public static final String FILE = "README.md";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PAPER = "https://arxiv.org/abs/2310.18356";

  /**
   * Facts that only the caller knows.
   *
   * @param name the model's heading
   * @param library value of {@code library_name}, if there is one
   * @param loading how each program loads the folder; only programs that can
   * @param remarks differences between these programs and the model, one sentence each
   * @param weights a sentence about the number type; empty if it is that of the model
   * @param dense the model that was pruned: a folder, a file or a name on Hugging Face
   * @param scores folder that {@code evaluate} published
   */
  public record About(
      String name,
      Optional<String> library,
      Map<String, String> loading,
      List<String> remarks,
      Optional<String> weights,
      Optional<String> dense,
      Optional<Path> scores) {}

  private final Checkpoint model;
  private final About about;
  private final List<Step> steps;
  private final DenseModel dense;
  private final StringBuilder text = new StringBuilder();

  private ModelCard(Checkpoint model, About about, List<Step> steps, DenseModel dense) {
    this.model = model;
    this.about = about;
    this.steps = steps;
    this.dense = dense;
  }

  /**
   * Writes the card and the licence of the dense model into {@code folder}.
   *
   * @throws InputException if the dense model or the scores do not belong to this model
   */
  public static void write(Checkpoint model, About about, Path folder) throws IOException {
    var steps = Step.before(model.path());
    var first = steps.isEmpty() ? "" : steps.get(0).hash("checkpoint");
    var dense =
        about
            .dense()
            .map(given -> DenseModel.of(given, first))
            .orElseGet(
                () ->
                    steps.isEmpty() ? DenseModel.named(model.path()) : DenseModel.in(model.path()));
    new ModelCard(model, about, steps, dense).write(folder);
  }

  /**
   * Writes the card into the output of a stage, and all steps into its manifest. The text depends
   * on the content that the stage read, not on paths.
   *
   * @param model the model that the stage wrote
   * @param read the model that the stage began with
   * @param corpus the corpus it was trained or calibrated on
   */
  public static void write(
      Checkpoint model, About about, Path read, Path corpus, Stage.Output output)
      throws IOException {
    var steps = Step.after(Step.before(read), corpus, output);
    new ModelCard(model, about, steps, DenseModel.in(read)).write(output.directory());
  }

  /**
   * Checks the files that a card takes over from a model.
   *
   * @throws InputException if they cannot be read
   */
  public static void check(Path read) {
    DenseModel.in(read);
  }

  private void write(Path folder) throws IOException {
    Files.writeString(folder.resolve(FILE), text());
    var terms = dense.licence().flatMap(Licence::text);
    if (terms.isPresent()) {
      Files.write(
          folder.resolve(terms.get().getFileName().toString()), Files.readAllBytes(terms.get()));
    }
  }

  private String text() {
    text.append(FrontMatter.of(frontMatter()));
    line("");
    line("# %s", about.name());
    line("");
    line(
        "A %s of %,d parameters%s%s.",
        model.config().modelType(),
        model.graph().parameterCount(),
        dense.hub().map(name -> ", from " + name).orElse(""),
        pruned() ? ", made smaller by structured pruning as in [LoRAShear](" + PAPER + ")" : "");
    about
        .weights()
        .ifPresent(
            sentence -> {
              line("");
              line("%s", sentence);
            });
    removed();
    data();
    recipe();
    scores();
    loading();
    hashes();
    return text.toString();
  }

  private Map<String, Object> frontMatter() {
    var fields = new LinkedHashMap<String, Object>();
    dense.hub().ifPresent(name -> fields.put("base_model", name));
    dense.licence().ifPresent(licence -> fields.putAll(licence.fields()));
    about.library().ifPresent(library -> fields.put("library_name", library));
    fields.put("pipeline_tag", "text-generation");
    var tags = new ArrayList<>(List.of("lorashear"));
    if (pruned()) {
      tags.add("pruned");
    }
    if (reports().anyMatch(ModelCard::sparse)) {
      tags.add("sparse");
    }
    fields.put("tags", tags);
    var datasets =
        sources().stream()
            .map(source -> HubDatasets.of(source.name(), source.licence()))
            .flatMap(Optional::stream)
            .toList();
    if (!datasets.isEmpty()) {
      fields.put("datasets", datasets);
    }
    return fields;
  }

  /** Describes every stage that removed something, in order. */
  private Stream<JsonNode> reports() {
    return steps.stream().map(Step::removed).flatMap(Optional::stream);
  }

  /** Whether structures were removed, so that widths differ from those of the dense model. */
  private boolean pruned() {
    return reports().anyMatch(report -> !sparse(report));
  }

  /** Whether single weights became zero. */
  private static boolean sparse(JsonNode report) {
    return report.has(Step.SPARSITY);
  }

  private void removed() {
    heading("What was removed");
    var removed = reports().map(each -> sparse(each) ? zeros(each) : removed(each)).toList();
    line(
        removed.isEmpty()
            ? "What was removed is not known: no pruning.json."
            : String.join("\n\n", removed));
    line("");
    line("| layer | query heads | key-value heads | MLP channels |");
    line("|---:|---:|---:|---:|");
    int layer = 0;
    for (var widths : model.config().layers()) {
      var channels = widths.mlps().stream().map(String::valueOf).distinct().toList();
      line(
          "| %d | %d | %d | %s |",
          layer++, widths.queryHeads(), widths.keyValueHeads(), String.join(", ", channels));
    }
  }

  private static String removed(JsonNode report) {
    long before = report.path("parametersBefore").asLong();
    long after = report.path("parametersAfter").asLong();
    var without = report.path(Step.WITHOUT_BIAS);
    return String.format(
            Locale.ROOT,
            "%,d groups were taken out: %,d parameters became %,d, %.1f %% fewer.",
            report.path("groupsRemoved").asLong(),
            before,
            after,
            100.0 * (before - after) / before)
        + tokens(report.path(Step.VOCABULARY))
        + (without.isEmpty()
            ? ""
            : " In %d matrices nothing stands for what went, since they have no bias: %s."
                .formatted(without.size(), names(without)));
  }

  private static String tokens(JsonNode gone) {
    return gone.isMissingNode()
        ? ""
        : String.format(
            Locale.ROOT,
            " %,d of them are the rows of %,d tokens, which held %.3f %% of the corpus%s; its"
                + " tokens are %.3f %% more now. Perplexities per token cannot be compared with"
                + " those of the dense model; vocabulary.json has the ids of before.",
            gone.path("parametersRemoved").asLong(),
            gone.path("tokensRemoved").asInt(),
            100 * gone.path("shareOfCorpus").asDouble(),
            gone.has("shareOfValidation")
                ? String.format(
                    Locale.ROOT,
                    " and %.3f %% of text that was not counted",
                    100 * gone.path("shareOfValidation").asDouble())
                : "",
            100 * gone.path("longerBy").asDouble());
  }

  private static String names(JsonNode names) {
    var first = names.get(0).asText();
    return names.size() == 1 ? first : first + " to " + names.get(names.size() - 1).asText();
  }

  private static String zeros(JsonNode report) {
    var sparsity = report.path(Step.SPARSITY);
    return String.format(
        Locale.ROOT,
        "%,d of %,d weights in the matrices of blocks became zero, %.1f %% (%.1f %% of all"
            + " parameters), by %s, %s; widths and the number of parameters stayed.",
        sparsity.path("zeros").asLong(),
        sparsity.path("weights").asLong(),
        100 * sparsity.path("ofMatrices").asDouble(),
        100 * sparsity.path("ofParameters").asDouble(),
        sparsity.path("method").asText(),
        sparsity.path("pattern").asText());
  }

  /** Sources of all steps, each name once; of several licences for a name the last counts. */
  private Collection<Step.Source> sources() {
    var sources = new LinkedHashMap<String, Step.Source>();
    steps.stream()
        .flatMap(step -> step.sources().stream())
        .forEach(source -> sources.put(source.name(), source));
    return sources.values();
  }

  private void data() {
    heading("Data");
    var sources = sources();
    if (sources.isEmpty()) {
      line("What it was trained on is not known.");
      return;
    }
    line("Pruning and recovery read text of these sources, under these terms:");
    line("");
    sources.forEach(source -> line("- %s: %s", source.name(), source.licence()));
  }

  private void recipe() {
    if (!steps.isEmpty()) {
      heading("Recipe");
    }
    for (var step : steps) {
      line("`lorashear %s`", step.stage());
      line("");
      var settings =
          JSON.convertValue(step.settings(), new TypeReference<LinkedHashMap<String, Object>>() {});
      line("```yaml");
      text.append(FrontMatter.yaml(settings));
      line("```");
      line("");
    }
  }

  private void scores() {
    if (about.scores().isEmpty()) {
      return;
    }
    var scores = PublishedDirectory.openOf("evaluate", about.scores().get());
    var scored = scores.manifest().path("parents").path("checkpoint").asText();
    if (!scored.equals(ContentHash.of(model.path()))) {
      throw new InputException(
          "--scores %s are those of another model: run evaluate on %s",
          about.scores().get(), model.path());
    }
    heading("Scores");
    line("```");
    try {
      text.append(Files.readString(scores.verified("table.txt")));
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", about.scores().get(), e);
    }
    line("```");
  }

  private void loading() {
    if (!about.loading().isEmpty() || !about.remarks().isEmpty()) {
      heading("Loading");
    }
    about.loading().forEach((program, how) -> line("- %s: %s", program, how));
    about.remarks().forEach(remark -> line("- Note: %s", remark));
  }

  private void hashes() {
    heading("Hashes");
    line("SHA-256 of every file stands in `manifest.json`.");
    for (var step : steps) {
      line("");
      line("- `%s`: %s", step.stage(), step.hash().orElse("this folder"));
      for (var parent : step.parents().properties()) {
        line("  - %s: %s", parent.getKey(), parent.getValue().asText());
      }
    }
  }

  private void heading(String words) {
    line("");
    line("## %s", words);
    line("");
  }

  private void line(String format, Object... values) {
    text.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values));
    text.append('\n');
  }
}
