package io.lorashear.spark.source;

import io.lorashear.settings.Settings;

/** Why a record of an input became no document. The code stands in manifests and reports. */
public enum DropReason {
  /** A line or an element that is not JSON. */
  INVALID_JSON,
  /** JSON, but not an object with the text fields the format has. */
  NO_TEXT_FIELD,
  /** Bytes that are not text in the encoding of their format. */
  INVALID_ENCODING,
  /** Longer than {@code limits.record-bytes}. */
  TOO_LONG,
  /** A page that is not well-formed XML. */
  MALFORMED_XML,
  /** A page outside the namespace of articles. */
  OTHER_NAMESPACE,
  /** A page that only sends its reader to another. */
  REDIRECT,
  /** A page that only lists the articles of a name. */
  DISAMBIGUATION,
  /** A page in another language than wikitext: scripts, style sheets, data. */
  NOT_WIKITEXT,
  /** Nothing but white space. */
  NO_TEXT,
  /** An instruction without an answer. */
  NO_RESPONSE,
  /** An instruction whose answer the record marks as a bad one. */
  MARKED_BAD,
  /** A conversation in which user and model do not speak in turn. */
  NOT_IN_TURN,
  /** A record in none of the known forms of instructions, or one that is not all text. */
  UNKNOWN_FORM,
  /** A file of a book that another file of the source holds in a better encoding. */
  OTHER_ENCODING,
  /** A link or device in an archive, where a file should be. */
  NOT_A_FILE,
  /** A file in an archive that goes with a data set and is none of its documents. */
  NO_DOCUMENT,
  /** A file in an archive in a form that is known and not read. */
  NOT_READ,
  /** A record of a file that cannot be read to its end, where such files are skipped. */
  UNREADABLE_FILE;

  /** As it stands in manifests: {@code invalid-json}. */
  public String code() {
    return Settings.word(this);
  }
}
