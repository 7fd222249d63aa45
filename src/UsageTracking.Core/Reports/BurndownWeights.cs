using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>
/// How a target line spends a quota: evenly by calendar days, or more of it in peak hours.
/// </summary>
/// <param name="PeakWeight">How much more a peak hour spends than another; null for even days.</param>
/// <param name="Peak">The peak hours.</param>
public sealed record BurndownWeights(decimal? PeakWeight, WeeklyHours Peak)
{
    /// <summary>The weight of peak hours where only the hours were given.</summary>
    public const decimal UsualPeakWeight = 20;

    /// <summary>Every day the same.</summary>
    public static BurndownWeights Even { get; } = new(null, WeeklyHours.Always);

    /// <summary>Weights as a user gives them: of hours alone twenty to one, of a weight alone in office hours.</summary>
    /// <exception cref="UsageException"><c>InvalidHours</c>.</exception>
    public static BurndownWeights From(decimal? weight, string? hours, string? days)
    {
        if (weight is null && hours is null && days is null)
            return Even;

        WeeklyHours peak = hours is null && days is null ? WeeklyHours.Office : WeeklyHours.Parse(hours ?? WeeklyHours.Office.Hours, days ?? WeeklyHours.Office.Days);
        return new BurndownWeights(weight ?? UsualPeakWeight, peak);
    }

    /// <summary>The weight of a part of a day.</summary>
    /// <param name="part">The part.</param>
    /// <param name="zone">The zone of the peak hours.</param>
    internal ExactDecimal Of(TimeRange part, TimeZoneInfo zone)
    {
        ExactDecimal length = (part.End - part.Start).Ticks;
        if (PeakWeight is not { } weight)
        {
            // A day is a day, of however many hours.
            DateTime date = TimeZoneInfo.ConvertTime(part.Start, zone).Date;
            TimeSpan day = Zones.FirstInstant(date.AddDays(1), zone) - Zones.FirstInstant(date, zone);
            return length == day.Ticks ? 1 : length.DivideBy(day.Ticks);
        }

        ExactDecimal peak = Peak.Within(part, zone).Sum(p => (p.End - p.Start).Ticks);
        return length - peak + (peak * weight);
    }
}
