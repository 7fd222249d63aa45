using UsageTracking.Charts;
using UsageTracking.Charts.Terminal;

namespace UsageTracking.Watch;

/// <summary>Draws what a watch sees as lines of text.</summary>
public static class WatchPicture
{
    private const string Gap = "  ";
    private const int Yellow = 33;

    /// <summary>The lines; none is wider and there are no more of them than the settings allow.</summary>
    /// <param name="view">What there is to see.</param>
    /// <param name="settings">What the terminal can show.</param>
    /// <param name="process">The id of this process.</param>
    public static IReadOnlyList<string> Draw(WatchView view, TerminalSettings settings, int process)
    {
        IReadOnlyList<UsageSample> samples = view.Samples;
        bool hasSeveral = samples.Select(s => s.CustomerId).Distinct().Skip(1).Any();
        // Of many customers, most do not use most services.
        if (hasSeveral)
            samples = [.. samples.Where(s => s.Month != 0 || s.Limit is not null || s.EventsPerSecond is not (0 or null))];

        List<string> head = [.. Paragraph(string.Join(" · ", Title(view)), settings)];
        if (view.Problem is { } problem)
            head.AddRange(Paragraph($"Not read since {Time(view.Samples.Select(s => s.Time).FirstOrDefault(view.Time))}: {problem}", settings).Select(l => Paint(l, Yellow, settings)));

        List<string> foot = [.. WatchQueues.Describe(view, process).SelectMany(q => Paragraph(q, settings))];
        // The table is what matters most.
        int room = settings.Height - head.Count - 4;
        foot = [.. foot.Take(Math.Max(1, room - Math.Min(samples.Count, Math.Max(1, room / 2))))];
        List<string> table = [.. Table(samples, hasSeveral, Math.Max(1, room - foot.Count), settings)];
        return [.. head.Append("").Concat(table).Append("").Concat(foot).Append(Paint(Fit("Ctrl-C ends", settings), TerminalLook.Faint, settings)).Take(settings.Height)];
    }

    private static IEnumerable<string> Title(WatchView view)
    {
        string[] customers = [.. view.Samples.Select(s => s.CustomerId).Distinct()];
        yield return customers.Length == 1 ? $"Usage of {customers[0]}" : $"Usage of {Wording.Count(customers.Length, "customer")}";
        yield return view.Store;
        yield return ChartText.Format(view.Time, "yyyy-MM-dd HH:mm:ss zzz");
    }

    private static IEnumerable<string> Table(IReadOnlyList<UsageSample> samples, bool hasSeveral, int rows, TerminalSettings settings)
    {
        var columns = WatchColumn.All.Where(c => c.Head != "Customer" || hasSeveral).Select(c => (Column: c, Width: c.Width(samples))).ToList();
        while (columns.Sum(c => c.Width + Gap.Length) - Gap.Length > settings.Width && columns.Max(c => c.Column.Rank) is > 0 and int rank)
            columns.RemoveAll(c => c.Column.Rank == rank);

        bool isCut = samples.Count > rows;
        yield return Row(columns.Select(c => (c.Column.Head, c.Column.IsRight, c.Width, TerminalLook.Faint)), settings);
        foreach (UsageSample sample in isCut ? samples.Take(rows - 1) : samples)
            yield return Row(columns.Select(c => (c.Column.Text(sample), c.Column.IsRight, c.Width, c.Column.Colour(sample))), settings);

        if (isCut)
            yield return Fit($"and {samples.Count - rows + 1} more", settings);
        else if (samples.Count == 0)
            yield return Fit("Nothing was used this month.", settings);
    }

    private static string Row(IEnumerable<(string Text, bool IsRight, int Width, int Colour)> cells, TerminalSettings settings)
    {
        var row = new List<string>();
        int room = settings.Width;
        foreach ((string text, bool isRight, int width, int colour) in cells)
        {
            // Narrower than all that has to be there, a row is cut.
            int columns = Math.Min(width, room);
            if (columns <= 0)
                break;

            string fitted = TerminalText.Fit(text, columns, isAscii: false);
            string space = new(' ', columns - TerminalText.Width(fitted));
            row.Add(isRight ? space + Paint(fitted, colour, settings) : Paint(fitted, colour, settings) + space);
            room -= columns + Gap.Length;
        }

        return string.Join(Gap, row).TrimEnd();
    }

    /// <summary>A text in as many lines as it takes.</summary>
    private static IEnumerable<string> Paragraph(string text, TerminalSettings settings) =>
        TerminalText.Lines(ChartText.Clean(text).Split(' ').Select(word => Fit(word, settings)), TerminalText.Width, 1, settings.Width).Select(words => string.Join(' ', words));

    private static string Time(DateTimeOffset time) => ChartText.Format(time, "HH:mm:ss");

    private static string Fit(string text, TerminalSettings settings) => TerminalText.Fit(text, settings.Width, isAscii: false);

    private static string Paint(string text, int colour, TerminalSettings settings) =>
        settings.UsesColour && colour != 0 && text != "" ? TerminalLook.Switch(colour) + text + TerminalLook.Switch(0) : text;
}
