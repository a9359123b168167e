package io.lorashear.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.LossReport;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir Path folder;

  private Document page(Path run) throws IOException {
    return Jsoup.parse(Files.readString(Report.write(run)));
  }

  @Test
  void everyNumberIsThatOfItsFile() throws IOException {
    var run = SmallRun.write(folder.resolve("run"));
    var page = page(run);
    assertThat(PageNumbers.check(page, run)).isGreaterThan(150);
    PageNumbers.requireNoOthers(page);
    assertThat(page.select("section")).hasSize(11);
    assertThat(page.select("section > .none")).isEmpty();
  }

  @Test
  void whatIsComputedIsComputedOfTheFiles() throws Exception {
    var run = SmallRun.write(folder.resolve("run"));
    var computed =
        new ObjectMapper().readTree(page(run).select("script#data").html()).path("computed");
    assertThat(computed.path("removed").asDouble()).isEqualTo(0.2);
    assertThat(computed.path("factor").asDouble()).isEqualTo(1.25);
    assertThat(computed.path("cost").asDouble()).isEqualTo(1.75);
    assertThat(computed.at("/funnel/documents/alpaca/read").asLong()).isEqualTo(10);
    assertThat(computed.at("/shards/corpus").asLong()).isEqualTo(6);
    double sum = 0;
    double dense = 0;
    for (var line : Files.readAllLines(run.resolve("losses/pruned/documents.jsonl"))) {
      var json = new ObjectMapper().readTree(line);
      sum += json.path("source").asText().equals("alpaca") ? json.path("loss").asDouble() : 0;
    }
    for (var line : Files.readAllLines(run.resolve("losses/dense/documents.jsonl"))) {
      var json = new ObjectMapper().readTree(line);
      dense += json.path("source").asText().equals("alpaca") ? json.path("loss").asDouble() : 0;
    }
    var loss = computed.path("losses").path("losses/pruned").path("alpaca");
    assertThat(loss.path("loss").asDouble()).isCloseTo(sum / 60, within(1e-12));
    assertThat(loss.path("low").asDouble()).isBetween(1.4, sum / 60);
    assertThat(loss.path("high").asDouble()).isBetween(sum / 60, 2.4);
    var lost = computed.path("deviations").path("losses/pruned").path("alpaca");
    assertThat(lost.path("deviation").asDouble()).isCloseTo((sum - dense) / 60, within(1e-12));
    assertThat(computed.path("layers"))
        .extracting(
            axis -> axis.path("axis").asText() + " " + axis.path("kept") + "/" + axis.path("of"))
        .containsExactly(
            "hidden 16/18",
            "layers.0.attention.kvHeads 2/2",
            "layers.0.mlp.channels 20/24",
            "layers.1.attention.kvHeads 1/2",
            "layers.1.mlp.channels 24/24");
  }

  @Test
  void theVerdictIsASentenceWithThreeNumbers() throws IOException {
    var page = page(SmallRun.write(folder.resolve("run")));
    assertThat(page.select("#verdict p").eachText())
        .containsExactly(
            "20.0 % of the parameters are removed; the perplexity over all sources is 1.25 times"
                + " the dense model’s, and recovery went 60 % of the way back to it, in"
                + " log-perplexity.",
            "Recovery also adapts a model to its text: with ceiling: true, the dense model is"
                + " trained on the same text and compared too.");
    assertThat(page.select("#verdict data")).hasSize(3);
  }

  @Test
  void theCeilingStandsBesideTheOthers() throws IOException {
    var run = SmallRun.withCeiling(folder.resolve("run"));
    var page = page(run);
    PageNumbers.check(page, run);
    PageNumbers.requireNoOthers(page);
    assertThat(page.select("#verdict p").get(1).text())
        .isEqualTo(
            "It went 50 % of the way to the ceiling, the dense model trained on the same text.");
    assertThat(page.select("#perplexity figure:first-of-type thead th").eachText())
        .containsExactly("source", "dense", "pruned", "recovered", "ceiling");
    var ceiling = LossReport.read(run.resolve("losses/ceiling")).sources().get(0).mean();
    var pruned = LossReport.read(run.resolve("losses/pruned")).sources().get(0).mean();
    var recovered = LossReport.read(run.resolve("losses/recovered")).sources().get(0).mean();
    var dense = LossReport.read(run.resolve("losses/dense")).sources().get(0).mean();
    var row = page.select("#perplexity figure:nth-of-type(2) tbody tr").get(0);
    assertThat(row.select("td data").eachAttr("value"))
        .extracting(Double::parseDouble)
        .satisfiesExactly(
            share ->
                assertThat(share).isCloseTo((pruned - recovered) / (pruned - dense), within(1e-12)),
            share ->
                assertThat(share)
                    .isCloseTo((pruned - recovered) / (pruned - ceiling), within(1e-12)));
    assertThat(page.select("#losses figcaption").eachText())
        .endsWith("Held-out loss while recovering", "Held-out loss of the ceiling");
    assertThat(page.select("#tasks figure:first-of-type thead th").eachText())
        .containsExactly("task", "dense", "recovered", "ceiling");
    assertThat(page.select("#speed figure:first-of-type tbody th").eachText())
        .containsExactly("dense", "pruned", "recovered", "ceiling");
  }

  @Test
  void aProfileThatNothingReadIsNotMissed() throws IOException {
    var run = SmallRun.withoutProfile(folder.resolve("run"));
    var page = page(run);
    assertThat(page.select("section > .none").eachText())
        .containsExactly("Not measured: nothing reads it (profile: true makes it).");
    assertThat(page.select("#model p").get(0).text())
        .endsWith("it is paler the more of them were removed.");
    assertThat(page.select("#model svg").text()).doesNotContain("sensitivity");
  }

  @Test
  void whatNoSquareShowsIsSaid() throws IOException {
    var run = SmallRun.write(folder.resolve("run"));
    var pruned = PublishedDirectory.open(run.resolve("pruned"));
    var report = (ObjectNode) JsonFile.read(pruned.file("pruning.json"));
    report.withObject("/widths").put("hidden", 12);
    report.withArray("/run/notes").add("no block goes");
    try (var publication = Publication.begin(run.resolve("pruned"))) {
      for (var file : List.of("config.json", "model.safetensors")) {
        Files.copy(pruned.file(file), publication.directory().resolve(file));
      }
      JsonFile.write(publication.directory().resolve("pruning.json"), report);
      publication.publish((ObjectNode) pruned.manifest().deepCopy());
    }
    var page = page(run);
    PageNumbers.requireNoOthers(page);
    assertThat(page.select("#model p").eachText())
        .contains(
            "The residual stream, which all layers share, is 12 channels wide now; the drawing"
                + " does not show it.",
            "Note of the method: no block goes");
  }

  @Test
  void roundsOfAScheduleHaveTheirPage() throws IOException {
    var run = SmallRun.schedule(folder.resolve("run"));
    var page = page(run);
    assertThat(PageNumbers.check(page, run)).isGreaterThan(80);
    PageNumbers.requireNoOthers(page);
    assertThat(page.select("#verdict p").text())
        .startsWith("2 rounds are done. On the text so far");
    assertThat(page.select("#perplexity figure:first-of-type thead th").eachText())
        .containsExactly(
            "source",
            "dense rounds/000000",
            "before rounds/000000",
            "dense rounds/000001",
            "before rounds/000001");
    assertThat(page.select("#settings .command").text())
        .isEqualTo("bin/lorashear schedule settings.yaml --once");
    assertThat(page.select("img, [onerror]")).isEmpty();
  }

  @Test
  void aContestHasItsPage() throws IOException {
    var run = SmallRun.contest(folder.resolve("run"));
    var page = page(run);
    assertThat(PageNumbers.check(page, run)).isGreaterThan(20);
    PageNumbers.requireNoOthers(page);
    assertThat(page.select("#verdict p").text())
        .isEqualTo(
            "With 20.0 % of the parameters pruned, "
                + SmallRun.HOSTILE
                + " has the lowest perplexity, 3.49. The dense model has 4.48, after the same"
                + " recovery 3.32.");
    assertThat(page.select("#standings tbody tr").get(3).text())
        .contains("-0.2500 (-0.5000 to -0.1250) sure");
    assertThat(page.select("img, [onerror]")).isEmpty();
  }

  @Test
  void wordsOfFilesAreNeverMarkup() throws IOException {
    var run = SmallRun.write(folder.resolve("run"));
    var page = page(run);
    assertThat(page.select("img, [onerror]")).isEmpty();
    assertThat(page.select("script")).hasSize(3);
    assertThat(page.select("#perplexity tbody th").eachText()).contains(SmallRun.HOSTILE);
    assertThat(page.select("#provenance .name").eachText())
        .contains("terms of " + SmallRun.HOSTILE, SmallRun.HOSTILE + ".txt");
    var data = new ObjectMapper().readTree(page.select("script#data").html());
    assertThat(data.at("/documents~1raw.jsonl/0/source").asText()).isEqualTo(SmallRun.HOSTILE);
  }

  @Test
  void thePolicyKnowsThePageAndNothingElse() throws Exception {
    var page = page(SmallRun.write(folder.resolve("run")));
    var policy = page.select("meta[http-equiv=Content-Security-Policy]").attr("content");
    assertThat(policy).startsWith("default-src 'none'; img-src data:; style-src 'sha256-");
    for (var part : page.select("style, script:not([type])")) {
      var digest = MessageDigest.getInstance("SHA-256");
      var hash = digest.digest(part.data().getBytes(StandardCharsets.UTF_8));
      assertThat(policy).contains("'sha256-" + Base64.getEncoder().encodeToString(hash) + "'");
    }
    assertThat(page.select("[src], link:not([href='data:,']), [style]")).isEmpty();
  }

  @Test
  void whatARunDoesNotHaveIsSaidInOneLine() throws IOException {
    var page = page(SmallRun.begun(folder.resolve("run")));
    assertThat(page.select("section > .none").eachText())
        .containsExactly(
            "The run has not finished; its results so far are below.",
            "This run has pruned nothing: there is no pruned/pruning.json.",
            "This run has no knowledge profile: analyze has published none.",
            "This run has measured no losses: perplexity has published none.",
            "Pruning has recorded no losses of steps.",
            "This run has recovered nothing: recover has published no round.",
            "This run has drawn no subset: resample has published none.",
            "This run has evaluated no tasks.",
            "This run has no sequences: tokenize has published no corpus.",
            "No times of stages are known: there are no records of runs (*.run.json).",
            "The settings of the whole run are unknown: it has no record yet.");
  }

  @Test
  void aFolderWithoutResultsIsRefused() throws IOException {
    assertThatThrownBy(() -> Report.write(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s holds no finished stage: give the folder that run, demo, schedule or contest worked"
                + " in (its setting work)",
            folder);
    assertThatThrownBy(() -> Report.write(folder.resolve("none")))
        .hasMessage(
            "%s is no folder: give the folder that run, demo, schedule or contest worked in",
            folder.resolve("none"));
  }

  @Test
  void foldersComeByTheirNumbers() throws IOException {
    var run = SmallRun.begun(folder.resolve("run"));
    for (var name : List.of("round-10", "round-9", "instruct", "x16498844122807473643")) {
      try (var publication = Publication.begin(run.resolve(name))) {
        publication.publish(JsonFile.object().put("stage", "recover"));
      }
    }
    assertThat(Facts.of(run).folders("recover"))
        .containsExactly("round-9", "round-10", "x16498844122807473643", "instruct");
  }

  @Test
  void aResultThatWasChangedIsRefused() throws IOException {
    var run = SmallRun.write(folder.resolve("run"));
    var file = run.resolve("report/report.json");
    Files.writeString(file, Files.readString(file).replace("0.6012", "0.9012"));
    assertThatThrownBy(() -> Report.write(run))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("was changed after it was published");
  }

  @Test
  void theDrawingIsAFileOfItsOwn() throws Exception {
    var run = SmallRun.write(folder.resolve("run"));
    var svg = Files.readString(Report.draw(run, folder.resolve("model.svg")));
    var root =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
            .getDocumentElement();
    assertThat(root.getTagName()).isEqualTo("svg");
    assertThat(root.getElementsByTagName("title").item(1).getTextContent())
        .isEqualTo("layers.1.attention.kvHeads: 1 of 2 left");
    var gone = Jsoup.parse(svg).select("path.gone").eachAttr("d");
    assertThat(gone).hasSize(2); // 4 of 24 channels, 1 of 2 heads
    assertThat(gone.stream().mapToLong(path -> path.chars().filter(c -> c == 'M').count()).sum())
        .isEqualTo(5);
    var kept = Jsoup.parse(svg).select("path.kept").eachAttr("d");
    assertThat(kept.stream().mapToLong(path -> path.chars().filter(c -> c == 'M').count()).sum())
        .isEqualTo(2 + 20 + 1 + 24);
    var begun = SmallRun.begun(folder.resolve("begun"));
    assertThatThrownBy(() -> Report.draw(begun, folder.resolve("none.svg")))
        .hasMessage("%s has no pruned model to be drawn: there is no pruned/pruning.json", begun);
  }

  @Test
  void runsStandBesideEachOther() throws IOException {
    var one = SmallRun.write(folder.resolve("one"));
    var other = SmallRun.write(folder.resolve("other"));
    var file = Comparison.write(List.of(one, other), folder.resolve("comparison.html"));
    var page = Jsoup.parse(Files.readString(file));
    assertThat(page.select("#outcome tbody th").eachText())
        .containsExactly(one.toString(), other.toString());
    assertThat(page.select("#settings .none").text())
        .isEqualTo("None, according to the records of the runs.");
    assertThat(page.select("#outcome data").eachText()).contains("20.0", "1.25", "60");
    PageNumbers.requireNoOthers(page);
    var begun = SmallRun.begun(folder.resolve("begun"));
    assertThatThrownBy(() -> Comparison.write(List.of(one, begun), file))
        .hasMessage(
            "%s has no report/report.json: runs that came to their end can be compared (of run or"
                + " demo)",
            begun);
    assertThatThrownBy(() -> Comparison.write(List.of(one, one), file))
        .hasMessage("%s was given twice", one);
  }
}
