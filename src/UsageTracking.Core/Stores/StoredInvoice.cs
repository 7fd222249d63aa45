using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>An invoice as the store keeps it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Range">The time it is about.</param>
/// <param name="TimeZone">The id of the zone that its times are shown in.</param>
/// <param name="SavedAt">When it was saved.</param>
/// <param name="Lines">Its lines.</param>
public sealed record StoredInvoice(long Number, string CustomerId, TimeRange Range, string TimeZone, DateTimeOffset SavedAt, IReadOnlyList<InvoiceLine> Lines)
{
    /// <summary>What its records carry as invoice_id.</summary>
    public string Id => IdOf(Number);

    /// <summary>The sum of its lines.</summary>
    public ExactDecimal Total => Lines.Aggregate(ExactDecimal.Zero, (sum, line) => sum + line.Amount);

    internal static string IdOf(long number) => "usage-" + number.ToString(CultureInfo.InvariantCulture);
}
