package io.spikelet.job.report;

import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;
import java.util.List;

/** A part of the page with a heading. */
record Section(String id, String title, List<DomContent> content) {
    Section {
        content = List.copyOf(content);
    }

    static Section of(String id, String title, DomContent... content) {
        return new Section(id, title, List.of(content));
    }

    DomContent html() {
        return section(h2(title), each(content, piece -> piece)).withId(id);
    }
}
