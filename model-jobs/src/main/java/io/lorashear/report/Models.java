package io.lorashear.report;

import java.util.ArrayList;
import java.util.List;

/**
 * The models of a run whose losses were measured, each with the dense one on the same rows.
 *
 * @param folders folders of their losses, in the order of the run
 */
record Models(List<Measured> folders) {
  /** Name of the dense model after the recovery of the pruned one. */
  static final String CEILING = "ceiling";

  private static final String DENSE = "losses-dense";
  private static final String CURRENT = "losses-current";

  /**
   * One model's losses.
   *
   * @param name name for people
   * @param dense folder of the dense model's losses on the same corpus
   */
  record Measured(String name, String folder, String dense) {
    boolean isDense() {
      return folder.equals(dense);
    }
  }

  static Models of(Facts facts) {
    var found = facts.folders("perplexity");
    var models = new ArrayList<Measured>();
    for (var name : List.of("dense", "pruned", "recovered", CEILING)) {
      var folder = "losses/" + name;
      if (found.contains(folder) && found.contains("losses/dense")) {
        models.add(new Measured(name, folder, "losses/dense"));
      }
    }
    rounds(found, models);
    return new Models(List.copyOf(models));
  }

  /**
   * Adds the models of a schedule's rounds; a round without new text is measured on the rows of the
   * round before.
   */
  private static void rounds(List<String> found, List<Measured> models) {
    var dense = "";
    for (var folder : found) {
      var place = folder.substring(0, folder.lastIndexOf('/') + 1);
      if (!folder.endsWith(CURRENT)) {
        continue;
      }
      if (found.contains(place + DENSE)) {
        dense = place + DENSE;
        models.add(new Measured("dense " + name(place), dense, dense));
      }
      if (!dense.isEmpty()) {
        models.add(new Measured("before " + name(place), folder, dense));
      }
    }
  }

  private static String name(String place) {
    return place.substring(0, place.length() - 1);
  }

  /** Whether a folder is a result of the ceiling. */
  static boolean ofCeiling(String folder) {
    return List.of(folder.split("/")).contains(CEILING);
  }

  /** The last {@code most} models, with the dense model of each. */
  List<Measured> last(int most) {
    var last = folders.subList(Math.max(0, folders.size() - most), folders.size());
    return folders.stream()
        .filter(
            each ->
                last.contains(each)
                    || last.stream().anyMatch(other -> other.dense().equals(each.folder())))
        .toList();
  }
}
