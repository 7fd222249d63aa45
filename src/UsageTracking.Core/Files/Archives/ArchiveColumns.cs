using UsageTracking.Files.Export;

namespace UsageTracking.Files.Archives;

/// <summary>The columns of every archive, named as those of billing_usage_records, and their clock, which is UTC.</summary>
internal static class ArchiveColumns
{
    public static readonly string[] Names =
    [
        "usage_id", "customer_id", "service_name", "quantity", "unit_cost", "metadata", "recorded_at", "aggregated",
        "invoice_id", "received_at", "event_key", "corrects_id", "corrected_by", "correction_reason",
    ];

    public static readonly ExportClock Clock = ExportClock.Iso(null);
}
