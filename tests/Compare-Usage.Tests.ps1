BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    function Format-Difference { process { "$($_.Kind) $($_.CustomerId) $($_.Service) $($_.Start.ToString('MM-dd HH:mm')) $($_.End.ToString('MM-dd HH:mm')) $($_.BucketEvents) $($_.RecordEvents)" } }
}

foreach ($kind in Get-TestStore) {
    Describe "Compare-Usage on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            # As another program would: without the columns it does not know.
            function Add-ForeignRecord([string] $Values, [string] $Flag = 'false') {
                Invoke-Sql $store "insert into billing_usage_records (customer_id, service_name, quantity, unit_cost, recorded_at, aggregated) values ($Values, $Flag)"
            }
            # The time as the store writes it.
            function Get-StoredTime([string] $Time) { "$Time$($store.Path ? '.000000Z' : 'Z')" }
        }
        BeforeEach {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            @(
                'acme,api,1,2026-01-15T12:00:00Z', 'acme,api,2,2026-01-15T12:15:00Z', 'acme,api,4,2026-01-15T13:00:00Z', 'acme,compute,8,2026-01-15T12:00:00Z'
                'beta,api,16,2026-02-01T00:00:00Z'
            ) | ConvertFrom-Csv -Header CustomerId, Service, Quantity, Timestamp | Add-UsageRecord
            $null = Invoke-UsageFlush
        }
        AfterEach { Remove-TestStore $store }

        It 'says nothing where all agrees, with duplicates, rejected and discarded records too' {
            Compare-Usage | Should -BeNullOrEmpty
            1..2 | ForEach-Object { Add-UsageRecord api -EventKey once }
            $null = Invoke-UsageFlush
            Compare-Usage | Should -BeNullOrEmpty
            Add-ForeignRecord "'beta', 'api', '2', '0', '2026-01-20 00:00:00Z'"
            $null = Update-UsageSummary
            Compare-Usage | Should -BeNullOrEmpty
            Add-UsageRecord functions 3
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'finds records of other programs, which Update-UsageSummary adds' {
            Add-ForeignRecord "'acme', 'api', '32', '0.5', '2026-01-15 12:01:00Z'"
            $difference = Compare-Usage
            $difference.psobject.Properties.Name | Should -Be @(
                'Kind', 'CustomerId', 'Service', 'Start', 'End', 'BucketEvents', 'RecordEvents', 'QueueRecords'
                'BucketQuantity', 'RecordQuantity', 'BucketCost', 'RecordCost', 'Message'
            )
            $difference | Format-Difference | Should -Be 'Buckets acme api 01-15 12:00 01-15 12:15 1 2'
            $difference.BucketQuantity, $difference.RecordQuantity, $difference.BucketCost, $difference.RecordCost | Should -Be 1, 33, 0.0001, 16.0001
            $difference.QueueRecords | Should -Be $null
            $difference.Message | Should -BeLike '1 record of other programs*Update-UsageSummary*'

            (Update-UsageSummary).Records | Should -Be 1
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'finds those of a service that the catalogue does not have' {
            Add-ForeignRecord "'acme', 'unheard-of', '32', '0.5', '2026-01-15 12:01:00Z'"
            (Compare-Usage).Service | Should -Be unheard-of
            Compare-Usage api | Should -BeNullOrEmpty
        }

        It 'makes one range of neighbours that differ, and mends it down the pipeline' {
            Invoke-Sql $store "update usage_buckets set total_quantity = '999', event_count = 7 where customer_id = 'acme' and service_name = 'api'"
            $differences = Compare-Usage
            # 12:00 and 12:15; between them and 13:00 there is no quarter hour that agrees.
            $differences | Format-Difference | Should -Be 'Buckets acme api 01-15 12:00 01-15 13:15 21 3'
            $differences[0].Message | Should -BeLike "*21 events*3 events*Update-UsageSummary -Start '2026-01-15T12:00Z' -End '2026-01-15T13:15Z'*"

            ($differences | Update-UsageSummary).Buckets | Should -Be 3
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'keeps what agrees between differences out' {
            Invoke-Sql $store "update usage_buckets set total_quantity = '999' where customer_id = 'acme' and service_name = 'api' and total_quantity <> '2'"
            Compare-Usage | Format-Difference | Should -Be 'Buckets acme api 01-15 12:00 01-15 12:15 1 1', 'Buckets acme api 01-15 13:00 01-15 13:15 1 1'
        }

        It 'finds a changed <Column> in the summary' -ForEach @(
            @{ Column = 'total_quantity'; Value = "'5'"; Text = '*quantity of 5*' }
            @{ Column = 'total_cost'; Value = "'5'"; Text = '*cost of 5*' }
            @{ Column = 'min_quantity'; Value = "'0.5'"; Text = '*sums agree*' }
            @{ Column = 'max_quantity'; Value = "'5'"; Text = '*sums agree*' }
            @{ Column = 'first_event'; Value = $null; Text = '*sums agree*' }
        ) {
            $new = $Value ?? "'$(Get-StoredTime '2026-01-15 12:05:00')'"
            Invoke-Sql $store "update usage_buckets set $Column = $new where customer_id = 'acme' and service_name = 'compute'"
            $difference = Compare-Usage
            $difference.Service | Should -Be compute
            $difference.Message | Should -BeLike $Text
            $null = $difference | Update-UsageSummary
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'finds a lost bucket and one without records' {
            Invoke-Sql $store "update usage_buckets set bucket_start = '$(Get-StoredTime '2026-01-20 00:00:00')' where customer_id = 'acme' and service_name = 'compute'"
            Compare-Usage | Format-Difference | Sort-Object | Should -Be 'Buckets acme compute 01-15 12:00 01-20 00:15 1 1' # nothing between them agrees
        }

        It 'counts the whole table against the queues: what is gone' {
            Invoke-Sql $store "delete from billing_usage_records where customer_id = 'beta'"
            Invoke-Sql $store "delete from usage_buckets where customer_id = 'beta'"
            $difference = Compare-Usage
            "$($difference.Kind)" | Should -Be Queues
            $difference.RecordEvents, $difference.QueueRecords | Should -Be 4, 5
            foreach ($name in 'CustomerId', 'Service', 'Start', 'End', 'BucketEvents', 'BucketQuantity', 'RecordQuantity', 'BucketCost', 'RecordCost') {
                $difference.$name | Should -Be $null -Because $name
            }
            $difference.Message | Should -Be 'Missing: 1 record once stored. Deleted by another program, or lost.'
        }

        It 'counts the whole table against the queues: what is too many' {
            Add-ForeignRecord "'acme', 'api', '32', '0.5', '2026-01-16 00:00:00Z'" true
            (Compare-Usage | Where-Object Kind -eq Queues).Message | Should -BeLike 'Unaccounted for: 1 record marked as counted that came through no queue.*'
        }

        It 'leaves the queues out where a <Parameter> is given, since they know none' -ForEach @(
            @{ Parameter = 'Service'; Given = @{ Service = 'compute' } }
            @{ Parameter = 'CustomerId'; Given = @{ CustomerId = 'acme' } }
            @{ Parameter = 'Start'; Given = @{ Start = '2026-01' } }
            @{ Parameter = 'End'; Given = @{ End = '2026-03' } }
        ) {
            Invoke-Sql $store "delete from billing_usage_records where customer_id = 'beta'"
            Invoke-Sql $store "delete from usage_buckets where customer_id = 'beta'"
            Compare-Usage @Given | Should -BeNullOrEmpty
        }

        It 'keeps to the customers, services and range asked for' {
            Invoke-Sql $store 'update usage_buckets set event_count = 7'
            (Compare-Usage).CustomerId | Should -Be acme, acme, beta
            (Compare-Usage api, s*).CustomerId | Should -Be acme, beta
            (Compare-Usage -CustomerId b*).CustomerId | Should -Be beta
            (Compare-Usage -Start 2026-02).CustomerId | Should -Be beta
            (Compare-Usage -End 2026-01).Service | Should -Be api, compute
            # Widened to quarters of an hour.
            Compare-Usage api -Start '2026-01-15 12:20' -End '2026-01-15 12:25' | Format-Difference | Should -Be 'Buckets acme api 01-15 12:15 01-15 12:30 7 1'
            Compare-Usage -CustomerId nothing* | Should -BeNullOrEmpty
            (Compare-Usage api, nosuch -ErrorAction SilentlyContinue -ErrorVariable problem).Service | Should -Be api, api
            $problem.FullyQualifiedErrorId | Should -BeLike 'UnknownService,*'
            { Compare-Usage -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
            { Compare-Usage -Start 2026-02 -End 2026-01 } | Should -Throw -ErrorId 'InvalidRange,*'
            { Compare-Usage -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*'
        }

        It 'takes service, customer and range down the pipeline, and writes times in -TimeZone' {
            Invoke-Sql $store 'update usage_buckets set event_count = 7'
            $rows = & {
                [pscustomobject]@{ Service = 'api'; CustomerId = 'beta'; From = '2026-02'; To = '2026-02' }
                [pscustomobject]@{ Service = 'compute'; CustomerId = 'acme'; From = '2026-01'; To = '2026-01' }
            }
            ($rows | Compare-Usage -TimeZone Europe/Berlin | ForEach-Object { $_.Start.ToString('MM-dd HH:mmzzz') }) |
                Should -Be '02-01 01:00+01:00', '01-15 13:00+01:00'
        }

        It 'changes nothing' {
            Add-ForeignRecord "'acme', 'api', '32', '0.5', '2026-01-15 12:01:00Z'"
            $null = Compare-Usage
            Compare-Usage | Should -HaveCount 1
            Invoke-Sql $store 'select count(*) from billing_usage_records where not aggregated' | Should -Be 1
        }

        It 'finds, and has mended, usage of customers and services that nobody knows' {
            Add-ForeignRecord "'ghost', 'weird', '32', '0.5', '2026-01-15 12:01:00Z'"
            $difference = Compare-Usage
            $difference.CustomerId, $difference.Service | Should -Be ghost, weird
            ($difference | Update-UsageSummary).Records | Should -Be 1
            Compare-Usage | Should -BeNullOrEmpty
            { Update-UsageSummary -Service weirder -ErrorAction Stop } | Should -Throw -ErrorId 'UnknownService,*'
        }

        if ($Kind -eq 'PostgreSql') {
            It 'refuses to compare what a policy hides, and to rebuild from it' {
                $role = $store.Name
                $null = Invoke-Psql $store @"
                create role $role login; grant usage on schema public to $role; grant all on all tables in schema public to $role;
                grant all on all sequences in schema public to $role;
                alter table billing_usage_records enable row level security;
                create policy own on billing_usage_records for all to $role using (customer_id = 'acme') with check (true)
"@
                $asRole = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $store.ConnectionString }
                $asRole['Username'] = $role
                try {
                    Connect-UsageStore -ConnectionString $asRole.ConnectionString
                    $buckets = Invoke-Sql $store 'select count(*), sum(event_count) from usage_buckets'
                    { Compare-Usage } | Should -Throw -ErrorId 'RecordsHidden,*'
                    { Update-UsageSummary -Start 2026 } | Should -Throw -ErrorId 'RecordsHidden,*'
                    Invoke-Sql $store 'select count(*), sum(event_count) from usage_buckets' | Should -Be $buckets
                    (Update-UsageSummary).Records | Should -Be 0
                }
                finally {
                    Connect-UsageStore @address
                    $null = Invoke-Psql $store "alter table billing_usage_records disable row level security; drop policy own on billing_usage_records; drop owned by $role; drop role $role"
                }
            }
        }

        It 'shows where, and what to do' {
            Add-ForeignRecord "'acme', 'api', '32', '0.5', '2026-01-15 12:01:00Z'"
            $text = Compare-Usage | Out-String -Width 200
            $text | Should -Match '(?m)^CustomerId : acme\s*$'
            $text | Should -Match '(?m)^Start      : 2026-01-15 12:00 \+00:00\s*$'
            $text | Should -Match '(?m)^Message    : 1 record of other programs not in the reports yet. Update-UsageSummary adds them.\s*$'
            $text -replace '\x1b\[[0-9;]*m' | Should -Not -Match '\x1b'
        }
    }
}
