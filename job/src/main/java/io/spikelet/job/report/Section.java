package io.spikelet.job.report;

import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;

/**
 * A part of the page with a heading.
 *
 * @param absence why there is nothing to see; empty if there is
 */
record Section(String id, String title, DomContent content, String absence) {
    /** @param content null for what is left out */
    static Section of(String id, String title, DomContent... content) {
        return new Section(id, title, each(content), "");
    }

    /** A section that has nothing to show. */
    static Section absent(String id, String title, String reason) {
        return new Section(id, title, null, reason);
    }

    boolean isAbsent() {
        return !absence.isEmpty();
    }

    DomContent html() {
        return section(h2(title), content).withId(id);
    }
}
