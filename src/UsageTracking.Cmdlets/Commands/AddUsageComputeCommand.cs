using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageCompute", DefaultParameterSetName = ValuesSet)]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageComputeCommand : AddServiceUsageCmdlet
{
    private const string TimeSet = "CpuTime";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValuesSet)]
    [Parameter(Position = 0, ParameterSetName = ObjectSet)]
    [AllowNull]
    [AllowEmptyString]
    public object? CpuSeconds { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = TimeSet)]
    [SecondsTransformation]
    public TimeSpan? CpuTime { get; set; }

    [Parameter(Position = 1)]
    [AllowNull]
    public object? Metadata { get; set; }

    /// <inheritdoc/>
    protected override RecordInput ToEvent() => ServiceEvents.Compute(
        Value(nameof(CpuTime), CpuTime) is { } time && !Given.Contains(nameof(CpuSeconds))
            ? (decimal)SecondsTransformationAttribute.Read(time).Ticks / TimeSpan.TicksPerSecond
            : Value(nameof(CpuSeconds), CpuSeconds),
        MetadataReader.Read(Value(nameof(Metadata), Metadata)));
}
