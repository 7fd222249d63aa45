namespace UsageTracking.Files.Import;

/// <summary>What a column may give a record.</summary>
public enum RecordField
{
    /// <summary>The service used.</summary>
    Service,

    /// <summary>How much of it.</summary>
    Quantity,

    /// <summary>When.</summary>
    Timestamp,

    /// <summary>What else is known.</summary>
    Metadata,

    /// <summary>Whose usage it is.</summary>
    CustomerId,

    /// <summary>The price per unit.</summary>
    UnitCost,

    /// <summary>The caller's own key for the event.</summary>
    EventKey,
}
