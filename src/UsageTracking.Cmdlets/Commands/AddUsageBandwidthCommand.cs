using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageBandwidth")]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageBandwidthCommand : AddServiceUsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Length")]
    [AllowNull]
    [AllowEmptyString]
    public object? Bytes { get; set; }

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public BandwidthDirection Direction { get; set; }

    /// <inheritdoc/>
    protected override RecordInput ToRecord() => ServiceEvents.Bandwidth(Unwrap.Base(Bytes), Direction);
}
