using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets;

/// <summary>What the cmdlets of the built-in services have in common; each says only what its event is.</summary>
public abstract class AddServiceUsageCmdlet : AddUsageCmdlet
{
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? CustomerId { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public object? Timestamp { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public object? UnitCost { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public string? EventKey { get; set; }

    private bool _isKeyOnCommandLine;

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        base.OnBegin();
        _isKeyOnCommandLine = IsBound(nameof(EventKey));
    }

    /// <summary>The event that the bound parameters describe.</summary>
    protected abstract RecordInput ToRecord();

    /// <inheritdoc/>
    protected sealed override void OnProcess()
    {
        RecordInput record = ToRecord();
        if (IsBound(nameof(CustomerId)))
            record.CustomerId = CustomerId ?? "";
        if (IsBound(nameof(Timestamp)))
            record.Timestamp = TimeInput.From(Unwrap.Base(Timestamp));

        record.UnitCost = Unwrap.Base(UnitCost) is { } cost and not "" ? cost : null;
        // An empty cell of a file means no key; an empty key on the command line is a mistake.
        record.EventKey = string.IsNullOrEmpty(EventKey) && !_isKeyOnCommandLine ? null : EventKey;
        Add(record);
    }

    private bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
