using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageCompute", DefaultParameterSetName = SecondsSet)]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageComputeCommand : AddServiceUsageCmdlet
{
    private const string SecondsSet = "CpuSeconds";
    private const string TimeSet = "CpuTime";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = SecondsSet)]
    [AllowNull]
    [AllowEmptyString]
    public object? CpuSeconds { get; set; }

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = TimeSet)]
    [SecondsTransformation]
    public TimeSpan CpuTime { get; set; }

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public object? Metadata { get; set; }

    /// <inheritdoc/>
    protected override RecordInput ToRecord() => ServiceEvents.Compute(
        ParameterSetName == TimeSet ? (decimal)CpuTime.Ticks / TimeSpan.TicksPerSecond : Unwrap.Base(CpuSeconds),
        MetadataReader.Read(Metadata));
}
