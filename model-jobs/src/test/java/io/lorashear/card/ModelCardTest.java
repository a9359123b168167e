package io.lorashear.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.checkpoint.gguf.GgufBytes;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Publication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

class ModelCardTest {
  private static final String TERMS = "a licence: \"its own\" # and no comment";

  @TempDir Path folder;

  /** dense, from which pruned was made over corpus, and scores of it. */
  @BeforeEach
  void line() throws IOException {
    var uniform = SmallModels.uniform();
    CheckpointWriter.write(dense(), uniform, SmallModels.weights(uniform, 1), List.of());
    Files.writeString(dense().resolve("LICENSE"), "Terms of its own\n");
    Files.writeString(
        dense().resolve("README.md"),
        "---\nlicense: other\nlicense_name: '" + TERMS + "'\nlanguage: en\n---\n# Dense\n");
    publish("line/corpus", stage("tokenize"), Map.of());
    publish("line/pruned", pruned(), Map.of());
    publish(
        "line/scores",
        stage("evaluate", "checkpoint", folder.resolve("line/pruned")),
        Map.of("table.txt", "task   50.00 ± 1.00 %\n"));
  }

  private Path dense() {
    return folder.resolve("dense");
  }

  private static ObjectNode stage(String name, Object... parents) {
    var manifest = JsonFile.object().put("stage", name);
    manifest.putObject("settings").put("ratio", 0.2).put("note", "yes: # no");
    for (int i = 0; i < parents.length; i += 2) {
      manifest
          .withObject("/parents")
          .put(parents[i].toString(), ContentHash.of((Path) parents[i + 1]));
    }
    return manifest;
  }

  private ObjectNode pruned() {
    var manifest = stage("prune", "checkpoint", dense(), "corpus", folder.resolve("line/corpus"));
    var step = manifest.deepCopy();
    step.putObject("removed")
        .put("parametersBefore", 6000)
        .put("parametersAfter", 4368)
        .put("groupsRemoved", 1234);
    var sources = step.putArray("sources");
    sources.addObject().put("name", "alpaca").put("licence", "CC BY-NC 4.0: not for sale");
    sources.addObject().put("name", "wikipedia").put("licence", "made up");
    manifest.putArray("history").add(step);
    return manifest;
  }

  private void publish(String name, ObjectNode manifest, Map<String, String> files)
      throws IOException {
    var config = SmallModels.uneven();
    try (var publication = Publication.begin(folder.resolve(name))) {
      if (name.endsWith("pruned") || name.endsWith("sparse")) {
        CheckpointWriter.write(
            publication.directory(), config, SmallModels.weights(config, 1), List.of());
      }
      for (var file : files.entrySet()) {
        Files.writeString(publication.directory().resolve(file.getKey()), file.getValue());
      }
      publication.publish(manifest);
    }
  }

  private String card(Path model, Optional<String> dense, Optional<String> scores) {
    var about =
        new ModelCard.About(
            "small",
            Optional.of("transformers"),
            Map.of("transformers", "`from_pretrained(\"DIR\")`"),
            List.of("transformers: 100 % of texts end at 8 tokens"),
            Optional.empty(),
            dense,
            scores.map(folder::resolve));
    try (var opened = Checkpoint.open(model)) {
      var out = Files.createDirectories(folder.resolve("out"));
      ModelCard.write(opened, about, out);
      return Files.readString(out.resolve("README.md"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, Object> frontMatter(String card) {
    return new Yaml().load(card.substring(4, card.indexOf("\n---\n", 4)));
  }

  @Test
  void whatIsKnownOfALineStandsInIt() {
    var pruned = folder.resolve("line/pruned");
    var card = card(pruned, Optional.of(dense().toString()), Optional.of("line/scores"));
    assertThat(frontMatter(card))
        .containsEntry("license", "other")
        .containsEntry("license_name", TERMS)
        .containsEntry("library_name", "transformers")
        .containsEntry("pipeline_tag", "text-generation")
        .containsEntry("tags", List.of("lorashear", "pruned"))
        .containsEntry("datasets", List.of("tatsu-lab/alpaca"))
        .doesNotContainKeys("base_model", "language");
    assertThat(card)
        .contains("# small\n\nA llama of 4,368 parameters, made smaller by structured pruning")
        .contains("1,234 groups were taken out: 6,000 parameters became 4,368, 27.2 % fewer.\n")
        .contains("| 0 | 4 | 2 | ")
        .contains("- alpaca: CC BY-NC 4.0: not for sale\n- wikipedia: made up\n")
        .contains("`lorashear prune`\n\n```yaml\nratio: 0.2\nnote: 'yes: # no'\n```\n")
        .contains("```\ntask   50.00 ± 1.00 %\n```\n")
        .contains("- transformers: `from_pretrained(\"DIR\")`\n")
        .contains("- Note: transformers: 100 % of texts end at 8 tokens\n")
        .contains("- `prune`: " + ContentHash.of(pruned))
        .contains("  - corpus: " + ContentHash.of(folder.resolve("line/corpus")));
    assertThat(folder.resolve("out/LICENSE")).hasContent("Terms of its own");
  }

  @Test
  void whatIsNotKnownIsNotInvented() throws IOException {
    publish("line/pruned", stage("prune", "checkpoint", dense()), Map.of());
    var card = card(folder.resolve("line/pruned"), Optional.empty(), Optional.empty());
    assertThat(frontMatter(card)).doesNotContainKeys("license", "base_model", "datasets");
    assertThat(card)
        .contains("What it was trained on is not known.\n")
        .contains("What was removed is not known: no pruning.json.\n")
        .doesNotContain("## Scores");
  }

  @Test
  void aModelThatWasNotPrunedIsNotCalledSo() {
    var card = card(dense(), Optional.empty(), Optional.empty());
    assertThat(frontMatter(card))
        .containsEntry("tags", List.of("lorashear"))
        .containsEntry("license_name", TERMS);
    assertThat(card)
        .doesNotContain("made smaller", "## Recipe")
        .contains("What was removed is not known: no pruning.json.\n");
  }

  @Test
  void theLicenceOfAFileIsThatOfItsMetadata() {
    var gguf =
        GgufBytes.llama()
            .with("general.license", "other")
            .with("general.license.name", "llama3.2")
            .with("general.license.link", "LICENSE.txt")
            .write(folder.resolve("small.gguf"));
    var card = card(dense(), Optional.of(gguf.toString()), Optional.empty());
    assertThat(frontMatter(card))
        .containsEntry("license", "other")
        .containsEntry("license_name", "llama3.2")
        .containsEntry("license_link", "LICENSE.txt");
  }

  @Test
  void aNameOnHuggingFaceIsTheBaseModel() {
    var card = card(folder.resolve("line/pruned"), Optional.of("owner/name"), Optional.empty());
    assertThat(frontMatter(card)).containsEntry("base_model", "owner/name");
  }

  @Test
  void anotherDenseModelAndOthersScoresAreRefused() {
    var pruned = folder.resolve("line/pruned");
    assertThatThrownBy(() -> card(pruned, Optional.of(pruned.toString()), Optional.empty()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "--dense %s is not what was pruned: that had the hash %s",
            pruned, ContentHash.of(dense()));
    assertThatThrownBy(() -> card(dense(), Optional.empty(), Optional.of("line/scores")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "--scores %s are those of another model: run evaluate on %s",
            folder.resolve("line/scores"), dense());
  }

  @Test
  void aPublishedCardThatWasChangedCarriesNothingOver() throws IOException {
    var before = "---\nlicense: mit\n---\n";
    publish("line/pruned", pruned(), Map.of("README.md", before));
    var pruned = folder.resolve("line/pruned");
    assertThat(card(pruned, Optional.empty(), Optional.empty())).contains("license: mit\n");
    Files.writeString(pruned.resolve("README.md"), before.replace("mit", "mis"));
    assertThatThrownBy(() -> card(pruned, Optional.empty(), Optional.empty()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s was changed after it was published (its SHA-256 is not the manifest's): run prune"
                + " again",
            pruned.resolve("README.md"));
  }

  @Test
  void zerosAreSaidBesideWhatWasTakenOut() throws IOException {
    var step = stage("sparsify", "checkpoint", folder.resolve("line/pruned"));
    step.putObject("removed")
        .putObject("sparsity")
        .put("method", "wanda")
        .put("pattern", "2:4")
        .put("weights", 2000)
        .put("zeros", 1000)
        .put("ofMatrices", 0.5)
        .put("ofParameters", 0.229);
    var manifest = stage("sparsify", "checkpoint", folder.resolve("line/pruned"));
    manifest.putArray("history").add(pruned().path("history").get(0)).add(step);
    publish("line/sparse", manifest, Map.of());
    var card = card(folder.resolve("line/sparse"), Optional.empty(), Optional.empty());
    assertThat(frontMatter(card)).containsEntry("tags", List.of("lorashear", "pruned", "sparse"));
    assertThat(card)
        .contains("made smaller by structured pruning")
        .contains("1,234 groups were taken out")
        .contains(
            "1,000 of 2,000 weights in the matrices of blocks became zero, 50.0 % (22.9 % of all"
                + " parameters), by wanda, 2:4; widths and the number of parameters stayed.\n");
  }

  @Test
  void matricesWithoutABiasAreNamed() throws IOException {
    var manifest = pruned();
    var step = (ObjectNode) manifest.path("history").get(0);
    step.withObject("/removed").putArray("withoutBias").add("a.weight").add("b.weight");
    publish("line/biased-pruned", manifest, Map.of());
    assertThat(card(folder.resolve("line/biased-pruned"), Optional.empty(), Optional.empty()))
        .contains(
            "fewer. In 2 matrices nothing stands for what went, since they have no bias: a.weight"
                + " to b.weight.\n");
  }
}
