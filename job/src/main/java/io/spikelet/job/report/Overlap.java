package io.spikelet.job.report;

import io.spikelet.job.report.Chart.Point;
import io.spikelet.job.report.Chart.Series;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether the error bands of lines cover each other, so that neither can be seen. */
final class Overlap {
    /** Where more than this share of the common places of two series is covered by both, they are hard to read. */
    private static final double MOST = 0.25;

    private Overlap() {}

    static boolean of(List<Series> series) {
        for (int i = 0; i < series.size(); i++) {
            for (int j = i + 1; j < series.size(); j++) {
                if (share(series.get(i).points(), series.get(j).points()) > MOST) {
                    return true;
                }
            }
        }
        return false;
    }

    private static double share(List<Point> one, List<Point> other) {
        Map<Double, Point> byPlace = new HashMap<>();
        one.forEach(point -> byPlace.put(point.x(), point));
        int common = 0;
        int covered = 0;
        for (Point point : other) {
            Point beside = byPlace.get(point.x());
            if (beside != null && beside.error() != null && point.error() != null) {
                common++;
                covered += Math.abs(beside.y() - point.y()) < beside.error() + point.error() ? 1 : 0;
            }
        }
        return common == 0 ? 0 : (double) covered / common;
    }
}
