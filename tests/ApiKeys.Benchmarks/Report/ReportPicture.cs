using System.Security;
using System.Text;

namespace ApiKeys.Benchmarks.Report;

/// <summary>
/// The measures that have something to reach, as bars: each in units of its own limit, so that one line is the limit of all. An SVG
/// without script or font of its own, whose colours follow the reader's choice of light or dark.
/// </summary>
internal static class ReportPicture
{
    private const int Width = 960;
    private const int LabelRight = 452;
    private const int BarLeft = 464;
    private const int LimitAt = 664;
    private const int BarRight = 780;
    private const int RowHeight = 30;
    private const int BarHeight = 12;

    private const string Style =
        """
        <style>
          text { font: 13px system-ui, sans-serif; fill: #1f2328; }
          .head { font-weight: 600; font-size: 16px; } .group { font-weight: 600; } .soft { fill: #59636e; font-size: 12px; }
          .back { fill: #ffffff; } .track { fill: #eff2f5; } .yes { fill: #2da44e; } .no { fill: #cf222e; }
          .limit { stroke: #1f2328; stroke-width: 2; } .range { stroke: #59636e; stroke-width: 1.5; } .stretch { fill: #8250df; }
          @media (prefers-color-scheme: dark) {
            text { fill: #f0f6fc; } .soft { fill: #9198a1; } .back { fill: #0d1117; } .track { fill: #21262d; } .yes { fill: #3fb950; }
            .no { fill: #f85149; } .limit { stroke: #f0f6fc; } .range { stroke: #9198a1; } .stretch { fill: #bc8cff; }
          }
        </style>
        """;

    public static void Write(string path, Machine machine, IEnumerable<Measure> measures) => File.WriteAllText(path, Draw(machine, measures));

    public static string Draw(Machine machine, IEnumerable<Measure> measures)
    {
        var judged = measures.Where(measure => measure.Goal?.ToReach is not null).ToList();
        var (rows, y) = (new StringBuilder(), 62);
        Group("At least: the longer the better, beyond the line", judged.Where(measure => measure.Goal!.IsAtLeast));
        Group("At most: the shorter the better, within the line", judged.Where(measure => !measure.Goal!.IsAtLeast));
        Text(24, y + 14, "soft", "start", "The line: what is to be reached. Thin lines: least and greatest round. Triangles: stretch goals.");
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{y + 32}" viewBox="0 0 {Width} {y + 32}" role="img" aria-label="What verification costs">
            {Style}
            <rect class="back" width="{Width}" height="{y + 32}" rx="6"/>
            <text class="head" x="24" y="30">What verification costs</text>
            <text class="soft" x="{Width - 24}" y="30" text-anchor="end">{SecurityElement.Escape(machine.ToString())}</text>
            {rows}</svg>

            """;

        void Group(string title, IEnumerable<Measure> group)
        {
            Text(24, y, "group", "start", title);
            var top = y += 12;
            foreach (var measure in group)
                Row(measure);

            rows.AppendLine($"""<line class="limit" x1="{LimitAt}" y1="{top}" x2="{LimitAt}" y2="{y - 4}"/>""");
            y += 28;
        }

        void Row(Measure measure)
        {
            var (goal, result) = (measure.Goal!, measure.Result);
            var isReached = goal.IsReachedBy(result.Median) == true;
            var (bar, middle) = (y + ((RowHeight - BarHeight) / 2), y + (RowHeight / 2));
            var end = Place(result.Median, goal);
            Text(LabelRight, middle + 4, "", "end", measure.Name);
            Rectangle("track", BarRight - BarLeft, bar);
            Rectangle(isReached ? "yes" : "no", Math.Max(end - BarLeft, 2), bar);
            if (result.Rounds > 1)
                rows.AppendLine($"""<line class="range" x1="{Place(result.Min, goal):0.#}" y1="{middle}" x2="{Place(result.Max, goal):0.#}" y2="{middle}"/>""");

            if (goal.Stretch is { } stretch)
            {
                var x = Place(stretch, goal);
                rows.AppendLine($"""<path class="stretch" d="M{x:0.#} {bar + BarHeight} l4 6 h-8 z"/>""");
            }

            Text(BarRight + 10, middle + 4, "", "start", $"{measure.Text(result.Median)} {(isReached ? '✓' : '✗')}");
            Text(Width - 24, middle + 4, "soft", "end", $"{(goal.IsAtLeast ? '≥' : '≤')} {Measure.Number(goal.ToReach!.Value)}");
            y += RowHeight;
        }

        void Rectangle(string kind, double width, int top) =>
            rows.AppendLine($"""<rect class="{kind}" x="{BarLeft}" y="{top}" width="{width:0.#}" height="{BarHeight}" rx="2"/>""");

        void Text(int x, int baseline, string kind, string anchor, string text) =>
            rows.AppendLine($"""<text class="{kind}" x="{x}" y="{baseline}" text-anchor="{anchor}">{SecurityElement.Escape(text)}</text>""");
    }

    /// <summary>What is too long for the picture ends at its edge. A limit of 0 is kept, or it is not.</summary>
    private static double Place(double value, Goal goal)
    {
        var limit = goal.ToReach!.Value;
        var share = limit > 0 ? value / limit : value > 0 ? double.PositiveInfinity : 0;
        return Math.Min(BarRight, BarLeft + (share * (LimitAt - BarLeft)));
    }
}
