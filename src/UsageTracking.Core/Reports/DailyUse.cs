using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>The usage of a quota's period day by day, and that of the days before it, from which a forecast is made.</summary>
internal sealed class DailyUse
{
    private const int FewestDaysBefore = 14;
    private const int MostDaysBefore = 62;

    private readonly IReadOnlyList<Period> _days;
    private readonly int _first;
    private readonly IReadOnlyDictionary<(string CustomerId, string Service), ExactDecimal[]> _used;

    private DailyUse(IReadOnlyList<Period> days, int first, IReadOnlyDictionary<(string CustomerId, string Service), ExactDecimal[]> used) =>
        (_days, _first, _used) = (days, first, used);

    /// <summary>The days of the period; the first and the last cut to it.</summary>
    public IReadOnlyList<Period> Days => [.. _days.Skip(_first)];

    /// <summary>Reads the usage of a period's days, and of two periods' days before.</summary>
    public static async Task<DailyUse> ReadAsync(
        IUsageStore store, UsageFilter filter, TimeRange period, WeeklyHours hours, TimeZoneInfo zone, Widening widening, CancellationToken cancel)
    {
        IReadOnlyList<Period> own = Calendar.Periods(period, PeriodKind.Daily, zone);
        int count = Math.Clamp(2 * own.Count, FewestDaysBefore, MostDaysBefore);
        var before = new TimeRange(Zones.FirstInstant(TimeZoneInfo.ConvertTime(period.Start, zone).Date.AddDays(-count), zone), period.Start);
        List<Period> days =
        [
            .. Calendar.Periods(before, PeriodKind.Daily, zone).Select(d => d.End > period.Start ? d with { End = period.Start } : d),
            .. own.Select(d => new Period(d.Start > period.Start ? d.Start : period.Start, d.End < period.End ? d.End : period.End)),
        ];
        return new DailyUse(days, days.Count - own.Count, await CountedUsage.ReadAsync(store, filter, days, hours, zone, widening, cancel));
    }

    /// <summary>What was used on each day of the period.</summary>
    public IReadOnlyList<ExactDecimal> Of(string customerId, string service) =>
        _used.TryGetValue((customerId, service), out ExactDecimal[]? used) ? used[_first..] : new ExactDecimal[_days.Count - _first];

    /// <summary>How it is likely to go on from an instant; null where too little is known, or the period has not begun.</summary>
    public Forecast? ForecastAt(DateTimeOffset now, string customerId, string service)
    {
        DateTimeOffset start = _days[_first].Start;
        if (now < start || !_used.TryGetValue((customerId, service), out ExactDecimal[]? used))
            return null;

        decimal[] quantities = [.. used.Select(u => u.ToReported())];
        int complete = _days.Skip(_first).TakeWhile(d => d.End <= now).Count();
        return Forecast.From(
            quantities[.._first],
            quantities[_first..(_first + complete)],
            quantities.Skip(_first + complete).FirstOrDefault(),
            (now - start).TotalDays,
            (_days[^1].End - start).TotalDays);
    }
}
