namespace UsageTracking.Stores;

/// <summary>The words of nself's tables for enforcement and period; ours use the same.</summary>
internal static class PlanTexts
{
    public static string Of(QuotaEnforcement enforcement) => enforcement == QuotaEnforcement.Hard ? "hard" : "soft";

    public static QuotaEnforcement Enforcement(string text) =>
        text.Equals("hard", StringComparison.OrdinalIgnoreCase) ? QuotaEnforcement.Hard : QuotaEnforcement.Soft;

    public static string Of(QuotaPeriod period) => period switch
    {
        QuotaPeriod.Daily => "daily",
        QuotaPeriod.Weekly => "weekly",
        _ => "monthly",
    };
}
