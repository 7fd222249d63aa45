# What the original shell functions put into their SQL, shell and awk commands as it was: here it is only ever a value.
BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $ranges = 'Service', 'CustomerId', 'Start', 'End', 'TimeZone'
    $days = 'Service', 'CustomerId', 'TimeZone'
    $parameters = [ordered]@{
        'Get-Usage' = $ranges; 'Get-UsageRecord' = $ranges; 'Get-UsagePeak' = $ranges; 'Get-UsageAnomaly' = $ranges; 'Compare-Usage' = $ranges
        'Update-UsageSummary' = $ranges; 'Measure-Usage' = $ranges + 'GroupBy'; 'Get-UsageStatistic' = $days; 'Get-UsageTrend' = $days
    }
    $cases = foreach ($cmdlet in $parameters.Keys) {
        foreach ($parameter in $parameters[$cmdlet]) { @{ Cmdlet = $cmdlet; Parameter = $parameter } }
    }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    $texts = @(
        "api' OR customer_id='cust2' --", "' OR '1'='1", "'; DELETE FROM billing_usage_records; --", "x'); DROP TABLE usage_buckets; --", '$(touch pwned)', '`touch pwned`'
        'api\0', "api$([char] 0)", '%', '_', 'a_i', 'cust_', '{"a":1}', '1} BEGIN{system("touch pwned")} {', '[', 'a[', "endpoint' , customer_id", '$.endpoint', '$.*', 'a"b'
        '"]; DROP TABLE usage_buckets; --', "api`n; DROP TABLE usage_buckets", '$1', ':name', '@p', '\', "\' OR 1=1 --", '{0}', '2026-01-01; DROP TABLE usage_buckets', 'infinity', "now'::text"
    )
    $tables = 'billing_customers', 'billing_usage_records', 'usage_buckets', 'usage_spools', 'usage_ledger'
    # Every table's name, and what is in those that matter.
    function Get-Fingerprint {
        $names = $store.Path ? "select name from sqlite_master where type = 'table' order by name" : "select tablename from pg_tables where schemaname = 'public' order by tablename"
        Invoke-Sql $store $names
        foreach ($table in $tables) { "$table $(Invoke-Sql $store "select count(*) from $table")" }
        Invoke-Sql $store 'select sum(usage_id), sum(cast(quantity as numeric)), sum(cast(aggregated as integer)) from billing_usage_records'
        Invoke-Sql $store 'select sum(event_count), sum(cast(total_quantity as numeric)), sum(cast(total_cost as numeric)) from usage_buckets'
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Injection on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId cust1
            $now = [datetimeoffset]::UtcNow
            $(
                foreach ($week in 1..6) {
                    foreach ($customer in 'cust1', 'cust2') {
                        [pscustomobject]@{ CustomerId = $customer; Service = 'api'; Quantity = $customer -eq 'cust1' ? 3 : 777; Timestamp = $now.AddDays(1 - 7 * $week); Metadata = @{ endpoint = '/a' } }
                    }
                }
            ) | Add-UsageRecord
            $null = Invoke-UsageFlush
            $script:before = Get-Fingerprint
            $script:folder = New-Item -ItemType Directory (Join-Path $TestDrive $Kind)
            Push-Location $folder
            $script:processFolder = [Environment]::CurrentDirectory
            [Environment]::CurrentDirectory = $folder
        }
        AfterAll {
            Pop-Location
            [Environment]::CurrentDirectory = $processFolder
            Remove-TestStore $store
        }

        It '<Cmdlet> takes -<Parameter> for a value and nothing else' -ForEach $cases {
            foreach ($text in $texts) {
                # Those that would look at all customers look at one, unless that is what is asked.
                $arguments = @{ $Parameter = $text }
                if ($Parameter -ne 'CustomerId') { $arguments.CustomerId = 'cust1' }
                $output = $problem = $null
                try {
                    $output = @(& $Cmdlet @arguments -ErrorAction SilentlyContinue -ErrorVariable problem -WarningAction SilentlyContinue)
                }
                catch {
                    $problem = $_
                }

                $because = "of $Cmdlet -$Parameter $text"
                $output.CustomerId | Should -Not -Contain cust2 -Because $because
                "$($output | ConvertTo-Json -Depth 4 -WarningAction SilentlyContinue)" | Should -Not -Match '777' -Because $because
                if ($Parameter -eq 'GroupBy') {
                    # No such key: an error, or all in one group without a value.
                    foreach ($measure in $output) { $measure.Group[$text] | Should -Be $null -Because $because }
                }
                elseif ($Cmdlet -ne 'Update-UsageSummary' -or -not $problem) {
                    # Otherwise what it says is about a name or time that there is not.
                    @($output | Where-Object { $_ }).Count | Should -Be 0 -Because $because
                }
                $id = @($problem)[-1].FullyQualifiedErrorId
                if ($problem) {
                    $id | Should -Match '^(UnknownService|CustomerNotFound|Invalid(Timestamp|TimeZone|MetadataKey|Range)),' -Because $because
                }
            }
        }

        It 'has changed nothing in the store, and made no file' {
            Get-Fingerprint | Should -Be $before
            Get-ChildItem $folder -Force | Should -BeNullOrEmpty
            Get-ChildItem $PSScriptRoot -Filter pwned | Should -BeNullOrEmpty
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'finds usage whose own texts are such, and nothing else' {
            $names = @($texts | Where-Object { $_ -notmatch "[`0`n*\[]" })
            foreach ($key in $names) { Add-UsageRecord compute 5 -Metadata @{ $key = 'own' } -CustomerId keys }
            foreach ($key in $names) {
                $groups = Measure-Usage -Service compute -CustomerId keys -GroupBy $key
                ($groups | Where-Object { $_.Group[$key] -eq 'own' }).EventCount | Should -Be 1 -Because $key
                ($groups | Measure-Object EventCount -Sum).Sum | Should -Be $names.Count -Because $key
            }
        }
    }
}
