using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>One row of billing_usage_records with every column, as it is kept outside the store. What is archived was in the buckets.</summary>
public sealed record ArchivedRecord
{
    /// <summary>The columns, which are the same on every engine, but for aggregated, which is true of each.</summary>
    internal const string Columns =
        "usage_id, customer_id, service_name, quantity, unit_cost, metadata, recorded_at, invoice_id, received_at, event_key, corrects_id, corrected_by, correction_reason";

    /// <summary>Column usage_id.</summary>
    public required long Id { get; init; }

    /// <summary>Column customer_id.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Column service_name.</summary>
    public required string Service { get; init; }

    /// <summary>Column quantity; negative in a correction.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>Column unit_cost.</summary>
    public decimal? UnitCost { get; init; }

    /// <summary>Column metadata: its text in UTF-8, just as the store had it.</summary>
    public byte[]? Metadata { get; init; }

    /// <summary>Column recorded_at.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Column invoice_id.</summary>
    public string? InvoiceId { get; init; }

    /// <summary>Column received_at.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Column event_key.</summary>
    public string? EventKey { get; init; }

    /// <summary>Column corrects_id.</summary>
    public long? CorrectsId { get; init; }

    /// <summary>Column corrected_by.</summary>
    public string? CorrectedBy { get; init; }

    /// <summary>Column correction_reason.</summary>
    public string? CorrectionReason { get; init; }

    /// <summary>Adds the record to buckets.</summary>
    internal void AddTo(BucketDeltas deltas, bool isCorrected = false)
    {
        var record = new UsageRecord { CustomerId = CustomerId, Service = Service, Quantity = Quantity, Timestamp = RecordedAt };
        if (CorrectsId is null)
            deltas.Add(record, UnitCost ?? 0, isCorrected);
        else
            deltas.AddCorrection(record with { Quantity = -Quantity }, UnitCost ?? 0);
    }
}
