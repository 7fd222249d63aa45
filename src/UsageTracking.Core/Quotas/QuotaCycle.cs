using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Quotas;

/// <summary>
/// Days, weeks or months that begin at a clock time of a zone. Months begin on the anchor's day, or on the last day of a month
/// that has none such; the next one is not drawn along.
/// </summary>
internal sealed class QuotaCycle
{
    private const int DaysPerWeek = 7;
    private const int MonthsPerYear = 12;

    private readonly DateTime _anchor;
    private readonly TimeZoneInfo _zone;
    private readonly int _days;
    private readonly int _months;

    private QuotaCycle(DateTime anchor, TimeZoneInfo zone, int days, int months) => (_anchor, _zone, _days, _months) = (anchor, zone, days, months);

    /// <summary>The cycle of a customer's own quota, from midnight to midnight.</summary>
    public static QuotaCycle Of(QuotaPeriod period, int anchorDay, TimeZoneInfo zone) => period switch
    {
        QuotaPeriod.Daily => new QuotaCycle(new DateTime(2000, 1, 1), zone, 1, 0),
        // The third of January 2000 was a Monday.
        QuotaPeriod.Weekly => new QuotaCycle(new DateTime(2000, 1, 2 + anchorDay), zone, DaysPerWeek, 0),
        // January has all the days that an anchor may be.
        _ => new QuotaCycle(new DateTime(2000, 1, anchorDay), zone, 0, 1),
    };

    /// <summary>The cycle of a plan's quota, from the moment that a subscription's period began.</summary>
    public static QuotaCycle From(DateTimeOffset start, string? resetPeriod) => resetPeriod?.ToUpperInvariant() switch
    {
        "DAILY" => new QuotaCycle(start.UtcDateTime, TimeZoneInfo.Utc, 1, 0),
        "WEEKLY" => new QuotaCycle(start.UtcDateTime, TimeZoneInfo.Utc, DaysPerWeek, 0),
        "YEARLY" or "ANNUAL" or "ANNUALLY" => new QuotaCycle(start.UtcDateTime, TimeZoneInfo.Utc, 0, MonthsPerYear),
        _ => new QuotaCycle(start.UtcDateTime, TimeZoneInfo.Utc, 0, 1),
    };

    /// <summary>The period that an instant falls into.</summary>
    public Period At(DateTimeOffset instant)
    {
        DateTime local = TimeZoneInfo.ConvertTime(instant, _zone).DateTime;
        int number = _days > 0
            ? (int)Math.Floor((local - _anchor).TotalDays / _days)
            : (int)Math.Floor((((local.Year - _anchor.Year) * MonthsPerYear) + local.Month - _anchor.Month) / (double)_months);
        while (Start(number) > instant)
            number--;
        while (Start(number + 1) <= instant)
            number++;

        return new Period(Start(number), Start(number + 1));
    }

    private DateTimeOffset Start(int number)
    {
        if (_days > 0)
            return Zones.FirstInstant(_anchor.AddDays((double)number * _days), _zone);

        DateTime month = new DateTime(_anchor.Year, _anchor.Month, 1).AddMonths(number * _months);
        int day = Math.Min(_anchor.Day, DateTime.DaysInMonth(month.Year, month.Month));
        return Zones.FirstInstant(month.AddDays(day - 1) + _anchor.TimeOfDay, _zone);
    }
}
