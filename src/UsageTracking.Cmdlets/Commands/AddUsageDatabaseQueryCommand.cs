using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageDatabaseQuery")]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageDatabaseQueryCommand : AddServiceUsageCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string QueryType { get; set; } = "SELECT";

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public object? DurationMs { get; set; } = 0;

    /// <inheritdoc/>
    protected override RecordInput ToRecord() => ServiceEvents.DatabaseQuery(QueryType, Unwrap.Base(DurationMs));
}
