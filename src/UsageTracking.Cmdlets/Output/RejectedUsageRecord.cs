using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Output;

/// <summary>
/// A record that the store set aside. What was added can be changed here, and the whole piped into Add-UsageRecord again.
/// </summary>
public sealed class RejectedUsageRecord
{
    internal RejectedUsageRecord(RejectedRecord core, TimeZoneInfo zone)
    {
        Core = core;
        Id = core.Id;
        RejectedAt = TimeZoneInfo.ConvertTime(core.RejectedAt, zone);
        ErrorId = core.ErrorId;
        Reason = core.Reason;
        CustomerId = core.Record.CustomerId;
        Service = core.Record.Service;
        Quantity = core.Record.Quantity;
        UnitCost = core.Record.UnitCost;
        Metadata = new UsageMetadata(core.Record.Metadata);
        Timestamp = TimeZoneInfo.ConvertTime(core.Record.Timestamp, zone);
        EventKey = core.Record.EventKey;
    }

    /// <summary>The store's number for it.</summary>
    public long Id { get; }

    /// <summary>When it was set aside.</summary>
    public DateTimeOffset RejectedAt { get; }

    /// <summary>The stable id of the reason.</summary>
    public string ErrorId { get; }

    /// <summary>What was wrong, and what would be right.</summary>
    public string Reason { get; }

    /// <summary>When the usage happened.</summary>
    public object? Timestamp { get; set; }

    /// <summary>Whose usage it is.</summary>
    public string? CustomerId { get; set; }

    /// <summary>The service used.</summary>
    public string? Service { get; set; }

    /// <summary>How much, in the service's unit, or in bytes where <see cref="IsInBytes"/> says so.</summary>
    public object? Quantity { get; set; }

    /// <summary>Whether the quantity is bytes, still to be divided by the store's bytes per GB.</summary>
    public bool IsInBytes => Core.Record.InBytes;

    /// <summary>The price per unit, where one was given.</summary>
    public object? UnitCost { get; set; }

    /// <summary>What else is known about the event.</summary>
    public object? Metadata { get; set; }

    /// <summary>The caller's key, where it gave one.</summary>
    public string? EventKey { get; set; }

    /// <summary>The queue it came from.</summary>
    public Guid SpoolId => Core.SpoolId;

    /// <summary>Its place in that queue, counted from 1.</summary>
    public long Position => Core.Position;

    internal RejectedRecord Core { get; }
}
