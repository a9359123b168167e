package io.lorashear.corpus;

import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Documents grouped by the rise of their loss. All rounds of a pipeline keep the groups of the
 * first round, because a document that changed its group could be drawn twice.
 *
 * @param members each document at most once
 */
public record DocumentBuckets(List<Member> members) {
  private static final String LIST = "buckets";

  /**
   * @param document a document, or a passage of a long one
   * @param group {@code source/bucket}
   */
  public record Member(String source, String document, String group) {}

  public DocumentBuckets {
    members = List.copyOf(members);
  }

  /** Group by document of one source. */
  public Map<String, String> groups(String source) {
    var groups = new HashMap<String, String>();
    members.stream()
        .filter(member -> member.source().equals(source))
        .forEach(member -> groups.put(member.document(), member.group()));
    return groups;
  }

  /** The members that are also, in whatever group, in {@code others}. */
  public DocumentBuckets among(DocumentBuckets others) {
    record Key(String source, String document) {}
    var known = new HashSet<Key>();
    others.members.forEach(each -> known.add(new Key(each.source(), each.document())));
    return new DocumentBuckets(
        members.stream()
            .filter(each -> known.contains(new Key(each.source(), each.document())))
            .toList());
  }

  /** Writes the groups into the output of a stage, as {@code buckets.jsonl}. */
  public void writeTo(Stage.Output output) {
    ManifestJson.writeLines(ManifestJson.lines(output.directory(), LIST), members);
  }

  /**
   * Reads the groups of a published subset, if it was drawn by buckets.
   *
   * @throws InputException if the file was changed after publication
   */
  public static Optional<DocumentBuckets> in(PublishedDirectory subset) {
    String name = LIST + ".jsonl";
    if (subset.files().stream().noneMatch(file -> file.name().equals(name))) {
      return Optional.empty();
    }
    var members = new ArrayList<Member>();
    for (var line : ManifestJson.readLines(subset.verified(name))) {
      members.add(
          new Member(
              line.path("source").asText(),
              line.path("document").asText(),
              line.path("group").asText()));
    }
    return Optional.of(new DocumentBuckets(members));
  }
}
