using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Charts;

/// <summary>Gathers the lines of reports and makes the charts they are about, in the order in which they came.</summary>
public sealed class ChartSet
{
    private readonly List<object> _keys = [];
    private readonly Dictionary<object, List<UsageBurndown>> _burndowns = [];
    private readonly Dictionary<object, List<PeriodUsage>> _periods = [];

    /// <summary>Whether there is nothing to draw.</summary>
    public bool IsEmpty => _keys.Count == 0;

    /// <summary>Takes one line of a report.</summary>
    /// <exception cref="UsageException"><c>NotAReport</c>: no chart can be made of it.</exception>
    public void Add(object? line)
    {
        if (line is UsageBurndown day)
            Put(_burndowns, (typeof(UsageBurndown), day.CustomerId, day.Service, day.PeriodStart), day);
        else if (Read(line) is { } usage)
            Put(_periods, (line!.GetType(), usage.CustomerId, usage.Service, usage.Kind), usage);
        else
            throw NotAReport(line);
    }

    /// <summary>The charts.</summary>
    /// <param name="title">The heading, where there is but one chart.</param>
    public IReadOnlyList<Chart> ToCharts(string? title = null)
    {
        Chart[] charts =
            [.. _keys.Select(key => _burndowns.TryGetValue(key, out List<UsageBurndown>? days) ? BurndownCharts.Make(days) : PeriodCharts.Make(_periods[key]))];
        return charts.Length == 1 && title is not null ? [charts[0] with { Title = ChartText.Clean(title) }] : charts;
    }

    // Days, weeks and months are as wide as their dates say, whatever the clocks did; hours are instants.
    private static PeriodUsage? Read(object? line) => line switch
    {
        UsageTrend t => new PeriodUsage(t.Service, t.CustomerId, t.Unit, PeriodKind.Daily, OfDate(t.Date), t.DailyTotal)
        {
            IsPartial = t.IsPartial,
        },
        UsageMeasure m => new PeriodUsage(m.Service, m.CustomerId, m.Unit, m.PeriodKind, OfPeriod(m.Period, m.PeriodKind), m.TotalQuantity)
        {
            Group = m.Group?.ToString(),
        },
        UsagePeak p => new PeriodUsage(p.Service, p.CustomerId, p.Unit, p.PeriodKind, OfPeriod(p.Period, p.PeriodKind), p.TotalUsage)
        {
            IsPeak = true,
        },
        DailyServiceUsage u => new PeriodUsage(u.Service, u.CustomerId, u.Unit, PeriodKind.Daily, OfDate(u.Date), u.Quantity)
        {
            // The shortest whole day has 23 hours.
            IsPartial = u.End - u.Start < TimeSpan.FromHours(23),
        },
        _ => null,
    };

    private static DateTimeOffset OfDate(DateTime date) => new(DateTime.SpecifyKind(date, DateTimeKind.Unspecified), TimeSpan.Zero);

    private static DateTimeOffset OfPeriod(DateTimeOffset period, PeriodKind kind) => kind == PeriodKind.Hourly ? period : OfDate(period.Date);

    private static UsageException NotAReport(object? line)
    {
        string problem = line switch
        {
            null => "A null came down the pipeline where a line of a report was expected.",
            ServiceUsage => "Totals over a whole range have no course to draw.",
            _ => $"No chart can be made of an object of type {line.GetType().Name}.",
        };
        return UsageException.Invalid(
            "NotAReport", problem + " Pipe what Get-UsageBurndown, Get-UsageTrend, Measure-Usage, Get-Usage -Detailed or Get-UsagePeak writes.", line);
    }

    private void Put<T>(Dictionary<object, List<T>> lines, object key, T line)
    {
        if (!lines.TryGetValue(key, out List<T>? list))
        {
            lines[key] = list = [];
            _keys.Add(key);
        }

        list.Add(line);
    }
}
