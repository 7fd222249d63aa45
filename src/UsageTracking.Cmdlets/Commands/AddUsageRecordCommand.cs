using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageRecord", DefaultParameterSetName = ValuesSet)]
[OutputType(typeof(AddedUsageRecord))]
public sealed class AddUsageRecordCommand : AddUsageCmdlet
{
    private readonly ClassReader _classes = new();

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValuesSet)]
    [Parameter(Position = 0, ParameterSetName = ObjectSet)]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public string? Service { get; set; }

    [Parameter(Position = 1)]
    [AllowNull]
    public object? Quantity { get; set; }

    [Parameter(Position = 2)]
    [AllowNull]
    public object? Metadata { get; set; }

    /// <inheritdoc/>
    protected override RecordInput ToRecord(object? item)
    {
        var record = new RecordInput();
        if (item is not null)
            RecordReader.Read(item, record, Given, _classes);

        // What stands on the command line wins over a property.
        if (Given.Count == 0)
            return record;

        if (Given.Contains(nameof(Service)))
            record.Service = Service;
        if (Given.Contains(nameof(Quantity)))
            record.Quantity = Unwrap.Base(Quantity);
        if (Given.Contains(nameof(Metadata)))
            record.Metadata = MetadataReader.Read(Metadata);
        PutCommandLine(record);
        return record;
    }
}
