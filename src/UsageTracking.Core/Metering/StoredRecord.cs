namespace UsageTracking.Metering;

/// <summary>One record as the store keeps it.</summary>
public sealed record StoredRecord
{
    /// <summary>The store's number for it.</summary>
    public required long Id { get; init; }

    /// <summary>When the usage happened.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>When the store received it.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Whose usage it is.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The service used.</summary>
    public required string Service { get; init; }

    /// <summary>How much, in the service's unit; negative in a correction.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>The price per unit stamped when it was stored.</summary>
    public required decimal UnitCost { get; init; }

    /// <summary>Quantity times unit cost, rounded once to 12 decimals.</summary>
    public decimal TotalCost => ((ExactDecimal)Quantity * UnitCost).ToReported();

    /// <summary>What else is known about the event, as compact JSON.</summary>
    public required Metadata Metadata { get; init; }

    /// <summary>The caller's key, where it gave one.</summary>
    public string? EventKey { get; init; }

    /// <summary>The id of the record that this one takes back, in a correction.</summary>
    public long? CorrectsId { get; init; }

    /// <summary>Who took the other record back, in a correction and in what takes the other's place; read only with the history.</summary>
    public string? CorrectedBy { get; init; }

    /// <summary>Why; read only with the history.</summary>
    public string? CorrectionReason { get; init; }

    /// <summary>Whether this record was taken back; read only with the history.</summary>
    public bool IsUndone { get; init; }
}
