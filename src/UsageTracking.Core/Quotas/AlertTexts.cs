using System.Globalization;
using UsageTracking.Metering;

namespace UsageTracking.Quotas;

/// <summary>The lines of alerts, as the original printed and logged them.</summary>
internal static class AlertTexts
{
    public static string Threshold(QuotaStanding standing, QuotaLevel level)
    {
        string service = standing.Quota.Service.Name;
        string figures = $"{Amount(standing, standing.Used)}/{Amount(standing, standing.Limit)}";
        return level == QuotaLevel.Exceeded
            ? $"QUOTA EXCEEDED: {service} - {figures}{InBrackets(standing.Percent)}"
            : $"{level.ToString().ToUpperInvariant()}: {service} usage at {WholePercent(standing.Percent)} - {figures}";
    }

    public static string BurnRate(QuotaStanding standing, QuotaLevel level, BurnRate rate) => string.Create(
        CultureInfo.InvariantCulture,
        $"{level.ToString().ToUpperInvariant()}: {standing.Quota.Service.Name} burns {Math.Round(rate.Factor, 1):0.#} times as fast as its quota lasts - {Amount(standing, rate.Used)} of {Amount(standing, standing.Limit)} in {Length(rate.Window)}");

    public static string LogLine(UsageAlert alert) => string.Create(
        CultureInfo.InvariantCulture,
        $"[{alert.Time:yyyy-MM-dd HH:mm:ss}] {alert.Level.ToString().ToLowerInvariant()} ALERT for {alert.Service}: {Number(alert.Usage)}/{Number(alert.Limit)}{InBrackets(alert.Percent)}");

    // Bytes carry their unit, as in the original; what is counted does not.
    private static string Amount(QuotaStanding standing, ExactDecimal amount) =>
        Number(amount.ToReported()) + (standing.Quota.Service.CountsBytes ? standing.Term.Rule.Unit : "");

    // Three decimals would show nothing of a small one.
    private static string Number(decimal number) =>
        number.ToString(Math.Abs(number) < 0.1m ? "0.##################" : "0.###", CultureInfo.InvariantCulture);

    private static string InBrackets(decimal? percent) => percent is null ? "" : $" ({WholePercent(percent)})";

    // Rounded down: what has not reached 100 percent must not read so.
    private static string WholePercent(decimal? percent) =>
        percent is { } known ? Math.Floor(known).ToString(CultureInfo.InvariantCulture) + "%" : "";

    private static string Length(TimeSpan window) => window.TotalHours < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{window.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{window.TotalHours:0.#} h");
}
