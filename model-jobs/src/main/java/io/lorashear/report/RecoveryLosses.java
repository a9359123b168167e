package io.lorashear.report;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jsoup.nodes.Element;

/** Section on losses over steps: training losses of pruning, held-out losses of recovery. */
final class RecoveryLosses implements Section {
  private static final int MOST = 200; // rows of a table

  @Override
  public String id() {
    return "losses";
  }

  @Override
  public String title() {
    return "Losses over steps";
  }

  @Override
  public void write(Facts facts, Element section) {
    if (RunKind.of(facts) == RunKind.LINE) {
      pruning(facts, section);
    }
    recovery(facts, section);
  }

  private static void pruning(Facts facts, Element section) {
    var folders = facts.folders("prune");
    var losses =
        folders.isEmpty()
            ? List.<Found>of()
            : facts.file(folders.get(0) + "/pruning.json").at("run").at("losses").items();
    if (losses.isEmpty()) {
      Html.none(section, "Pruning has recorded no losses of steps.");
      return;
    }
    int every = (losses.size() + MOST - 1) / MOST;
    var picture = new Table.Picture("lines", "nats a token", "linear");
    var table =
        Table.drawn(
            section,
            "Training loss while pruning" + (every > 1 ? ", of some steps" : ""),
            picture,
            List.of("step", "loss"));
    for (int step = 0; step < losses.size(); step += every) {
      table.row("" + step).number(losses.get(step), Form.LOSS);
    }
  }

  private static void recovery(Facts facts, Element section) {
    var all = facts.folders("recover");
    var folders = all.stream().filter(folder -> !Models.ofCeiling(folder)).toList();
    if (folders.isEmpty()) {
      Html.none(section, "This run has recovered nothing: recover has published no round.");
      return;
    }
    if (folders.stream().anyMatch(folder -> stage(facts, folder).equals("instruct"))) {
      Html.paragraph(section)
          .text(
              "Of instructions, only the responses are measured while instructions are trained"
                  + " on.");
    }
    losses(facts, section, "Held-out loss while recovering", folders);
    var ceiling = all.stream().filter(Models::ofCeiling).toList();
    if (!ceiling.isEmpty()) {
      losses(facts, section, "Held-out loss of the ceiling", ceiling);
    }
  }

  private static void losses(Facts facts, Element section, String caption, List<String> folders) {
    var sources = new TreeSet<String>();
    for (var folder : folders) {
      sources.addAll(
          facts.file(folder + "/recovery.json").at("before").at("losses").fields().keySet());
    }
    var columns = new ArrayList<>(List.of("step", "round", "mean"));
    columns.addAll(sources);
    var picture = new Table.Picture("phases", "nats a token", "linear");
    var table = Table.drawn(section, caption, picture, columns);
    for (var folder : folders) {
      for (var validation : facts.file(folder + "/recovery.json").at("validations").items()) {
        var row =
            table
                .row(head -> Html.number(head, validation.at("step"), Form.COUNT))
                .name(folder.replaceFirst("^(recovered|rounds|ceiling)/", ""))
                .number(validation.at("meanLoss"), Form.LOSS);
        sources.forEach(source -> row.number(validation.at("losses").at(source), Form.LOSS));
      }
    }
  }

  private static String stage(Facts facts, String folder) {
    return facts.file(folder + "/recovery.json").at("stage").text();
  }
}
