using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageDatabaseQuery", DefaultParameterSetName = ValuesSet)]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageDatabaseQueryCommand : AddServiceUsageCmdlet
{
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string QueryType { get; set; } = "SELECT";

    [Parameter(Position = 1)]
    [AllowNull]
    public object? DurationMs { get; set; } = 0;

    /// <inheritdoc/>
    protected override RecordInput ToEvent() =>
        ServiceEvents.DatabaseQuery(Text(nameof(QueryType), QueryType), Value(nameof(DurationMs), DurationMs));
}
