using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Output;

/// <summary>One stored record.</summary>
public sealed class UsageRecordInfo
{
    private UsageMetadata? _metadata;

    internal UsageRecordInfo(StoredRecord core, TimeZoneInfo zone)
    {
        Core = core;
        Timestamp = TimeZoneInfo.ConvertTime(core.Timestamp, zone);
        ReceivedAt = TimeZoneInfo.ConvertTime(core.ReceivedAt, zone);
    }

    /// <summary>The store's number for it.</summary>
    public long Id => Core.Id;

    /// <summary>When the usage happened.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>When the store received it.</summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>Whose usage it is.</summary>
    public string CustomerId => Core.CustomerId;

    /// <summary>The service used.</summary>
    public string Service => Core.Service;

    /// <summary>How much, in the service's unit.</summary>
    public decimal Quantity => Core.Quantity;

    /// <summary>The price per unit it was stamped with.</summary>
    public decimal UnitCost => Core.UnitCost;

    /// <summary>Quantity times unit cost.</summary>
    public decimal TotalCost => Core.TotalCost;

    /// <summary>What else is known about the event.</summary>
    public UsageMetadata Metadata => _metadata ??= new UsageMetadata(Core.Metadata);

    /// <summary>The caller's key, where it gave one.</summary>
    public string? EventKey => Core.EventKey;

    /// <summary>The record that this one takes back, in a correction.</summary>
    public long? CorrectsId => Core.CorrectsId;

    /// <summary>Who took the other record back, in a correction and in what takes the other's place.</summary>
    public string? CorrectedBy => Core.CorrectedBy;

    /// <summary>Why.</summary>
    public string? Reason => Core.CorrectionReason;

    /// <summary>Whether this record was taken back.</summary>
    public bool IsUndone => Core.IsUndone;

    internal StoredRecord Core { get; }
}
