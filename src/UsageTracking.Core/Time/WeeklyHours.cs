using System.Globalization;
using System.Text.RegularExpressions;

namespace UsageTracking.Time;

/// <summary>Hours of the week by a zone's clocks, such as Monday to Friday from 9 to 18. They begin and end on quarter hours.</summary>
public sealed partial class WeeklyHours : IEquatable<WeeklyHours>
{
    private const int MinutesPerDay = 24 * 60;

    private static readonly DayOfWeek[] WholeWeek =
    [
        DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday,
    ];

    private readonly IReadOnlyList<(int From, int To)> _windows;
    private readonly IReadOnlySet<DayOfWeek> _days;

    private WeeklyHours(IReadOnlyList<(int From, int To)> windows, IReadOnlySet<DayOfWeek> days)
    {
        _windows = windows;
        _days = days;
        Hours = string.Join(",", windows.Select(w => $"{Clock(w.From)}-{Clock(w.To)}"));
        Days = string.Join(",", WholeWeek.Where(days.Contains));
    }

    /// <summary>All of them.</summary>
    public static WeeklyHours Always { get; } = new([], new HashSet<DayOfWeek>());

    /// <summary>Monday to Friday from 9 to 18.</summary>
    public static WeeklyHours Office { get; } = Parse("9-18", "Monday-Friday");

    /// <summary>The times of the day, such as <c>9-18,20:30-22</c>; empty for all day.</summary>
    public string Hours { get; }

    /// <summary>The days, such as <c>Monday,Tuesday</c>; empty for every day.</summary>
    public string Days { get; }

    /// <summary>Whether that is all the time.</summary>
    public bool IsAlways => _windows.Count == 0 && _days.Count == 0;

    /// <summary>
    /// Reads times such as <c>9-18</c> (18 is not in it), <c>22:30-6</c> (over midnight: the late and the early hours of each
    /// day meant) or <c>9</c> (that hour), and days such as <c>Monday</c>, <c>Sat</c> or <c>Mon-Fri</c>; each separated by commas.
    /// </summary>
    /// <exception cref="UsageException"><c>InvalidHours</c>: in another form, or not on quarter hours.</exception>
    public static WeeklyHours Parse(string hours, string days) => new(
        [.. Split(hours).SelectMany(ReadWindow).Distinct().Order()],
        Split(days).SelectMany(ReadDays).ToHashSet());

    /// <summary>The parts of a range that lie in these hours, in order.</summary>
    public IEnumerable<TimeRange> Within(TimeRange range, TimeZoneInfo zone)
    {
        if (IsAlways)
        {
            yield return range;
            yield break;
        }

        DateTimeOffset from = range.Start;
        DateTimeOffset to = range.Start;
        foreach (TimeRange window in Windows(range, zone))
        {
            DateTimeOffset start = window.Start > range.Start ? window.Start : range.Start;
            DateTimeOffset end = window.End < range.End ? window.End : range.End;
            if (end <= start)
                continue;

            if (start > to)
            {
                if (to > from)
                    yield return new TimeRange(from, to);

                from = start;
            }

            to = end > to ? end : to;
        }

        if (to > from)
            yield return new TimeRange(from, to);
    }

    /// <inheritdoc/>
    public bool Equals(WeeklyHours? other) => other is not null && Hours == other.Hours && Days == other.Days;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as WeeklyHours);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Hours, Days);

    /// <inheritdoc/>
    public override string ToString() => IsAlways ? "always" : string.Join(' ', new[] { Days, Hours }.Where(t => t.Length > 0));

    private IEnumerable<TimeRange> Windows(TimeRange range, TimeZoneInfo zone)
    {
        // Where the clocks are put back, the same times come twice.
        DateTimeOffset start = range.Start;
        foreach (DateTimeOffset end in Zones.OffsetChanges(range.Start, range.End, zone).Append(range.End))
        {
            TimeSpan offset = zone.GetUtcOffset(start);
            for (DateTime day = start.ToOffset(offset).Date; day <= end.ToOffset(offset).Date; day = day.AddDays(1))
            {
                if (_days.Count > 0 && !_days.Contains(day.DayOfWeek))
                    continue;

                foreach ((int from, int to) in _windows.Count > 0 ? _windows : [(0, MinutesPerDay)])
                {
                    var first = new DateTimeOffset(day.AddMinutes(from), offset);
                    var last = new DateTimeOffset(day.AddMinutes(to), offset);
                    if (first < end && last > start)
                        yield return new TimeRange(first > start ? first : start, last < end ? last : end);
                }
            }

            start = end;
        }
    }

    private static IEnumerable<string> Split(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<(int From, int To)> ReadWindow(string text)
    {
        Match match = Window().Match(text);
        if (!match.Success)
            throw Invalid(text);

        int from = Minutes(match.Groups["from"].Value, match.Groups["fromMinutes"].Value);
        int to = match.Groups["to"].Success ? Minutes(match.Groups["to"].Value, match.Groups["toMinutes"].Value) : from + 60;
        if (from >= MinutesPerDay || to > MinutesPerDay || from == to)
            throw Invalid(text);

        if (from < to)
            return [(from, to)];

        return to == 0 ? [(from, MinutesPerDay)] : [(0, to), (from, MinutesPerDay)];

        static int Minutes(string hours, string minutes) =>
            (int.Parse(hours, CultureInfo.InvariantCulture) * 60) + (minutes.Length == 0 ? 0 : int.Parse(minutes, CultureInfo.InvariantCulture));
    }

    private static IEnumerable<DayOfWeek> ReadDays(string text)
    {
        string[] ends = text.Split('-', StringSplitOptions.TrimEntries);
        if (ends.Length > 2)
            throw Invalid(text);

        int first = IndexOf(ends[0]);
        int last = IndexOf(ends[^1]);
        // Friday to Monday goes over the weekend.
        for (int i = first; ; i = (i + 1) % WholeWeek.Length)
        {
            yield return WholeWeek[i];
            if (i == last)
                yield break;
        }

        int IndexOf(string name)
        {
            int index = Array.FindIndex(WholeWeek, d => name.Length >= 3 && d.ToString().StartsWith(name, StringComparison.OrdinalIgnoreCase));
            return index >= 0 ? index : throw Invalid(text);
        }
    }

    private static string Clock(int minutes) => minutes % 60 == 0
        ? (minutes / 60).ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{minutes / 60}:{minutes % 60:00}");

    private static UsageException Invalid(string text) => UsageException.Invalid(
        "InvalidHours", $"'{text}' is no hours or days of a week. Write hours as '9-18' or '22:30-6', on quarter hours, and days as 'Monday' or 'Mon-Fri'.", text);

    [GeneratedRegex("^(?<from>[0-9]{1,2})(:(?<fromMinutes>00|15|30|45))?( *- *(?<to>[0-9]{1,2})(:(?<toMinutes>00|15|30|45))?)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Window();
}
