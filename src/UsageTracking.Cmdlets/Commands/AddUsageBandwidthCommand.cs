using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageBandwidth", DefaultParameterSetName = ValuesSet)]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageBandwidthCommand : AddServiceUsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValuesSet)]
    [Parameter(Position = 0, ParameterSetName = ObjectSet)]
    [Alias("Length")]
    [AllowNull]
    [AllowEmptyString]
    public object? Bytes { get; set; }

    [Parameter(Position = 1)]
    public BandwidthDirection Direction { get; set; }

    /// <inheritdoc/>
    protected override RecordInput ToEvent() => ServiceEvents.Bandwidth(Value(nameof(Bytes), Bytes, "Length"), Value(nameof(Direction), Direction));
}
