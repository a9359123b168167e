package io.lorashear.spark.source;

import io.lorashear.settings.Settings;

/** Reasons why a record gave no document. Manifests and reports have the code. */
public enum DropReason {
  /** A line or an element that is not JSON. */
  INVALID_JSON,
  /** JSON, but not an object with the format's text fields. */
  NO_TEXT_FIELD,
  /** Bytes that are not valid text in the format's encoding. */
  INVALID_ENCODING,
  /** Longer than {@code limits.recordBytes}. */
  TOO_LONG,
  /** A page that is not well-formed XML. */
  MALFORMED_XML,
  /** A page outside the namespace of articles. */
  OTHER_NAMESPACE,
  /** A page that only redirects to another. */
  REDIRECT,
  /** A page that only lists the articles of a name. */
  DISAMBIGUATION,
  /** A page that is not wikitext: scripts, style sheets, data. */
  NOT_WIKITEXT,
  /** Nothing but white space. */
  NO_TEXT,
  /** An instruction without an answer. */
  NO_RESPONSE,
  /** An instruction whose answer is marked as bad. */
  MARKED_BAD,
  /** A conversation in which user and model do not speak in turn. */
  NOT_IN_TURN,
  /** A record in none of the known forms of instructions, or one that is not all text. */
  UNKNOWN_FORM,
  /** A file of a book that the source also has in a better encoding. */
  OTHER_ENCODING,
  /** A link or device in an archive instead of a file. */
  NOT_A_FILE,
  /** A file in an archive that accompanies a data set and is not a document. */
  NO_DOCUMENT,
  /** A file in an archive in a known form that is not read. */
  NOT_READ,
  /** A record of a file that cannot be read to its end, if such files are skipped. */
  UNREADABLE_FILE;

  /** Its code in manifests: {@code invalid-json}. */
  public String code() {
    return Settings.word(this);
  }
}
