-- * give our tables the policies of billing_usage_records
-- Whoever may see a customer's records may see what else is kept of that customer; whoever may add records may also keep the
-- buckets, keys and readings that come with them. Quotas, prices and invoices are for those whose policy is for everything.
DO $do$
DECLARE
    ours record;
    given record;
    may_add boolean;
    name text;
BEGIN
    FOR ours IN
        SELECT c.oid, c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'customer_id') AS has_customer
        FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
          AND (c.relname = 'usage_archives' OR c.relname LIKE 'usage\_%'
               AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'customer_id' AND a.attnum > 0))
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', ours.relname);
        IF ours.relname = 'usage_rejected_records' THEN
            -- What is set aside may be set aside because it is somebody else's.
            CREATE POLICY set_aside ON usage_rejected_records FOR INSERT WITH CHECK (true);
        ELSIF ours.relname = 'usage_prices' THEN
            CREATE POLICY list_prices ON usage_prices FOR SELECT USING (customer_id IS NULL);
        END IF;
        may_add := ours.relname NOT IN ('usage_quotas', 'usage_allowances', 'usage_prices', 'usage_invoices');
        FOR given IN
            SELECT polname, polcmd::text AS command, CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END AS kind,
                   CASE WHEN polroles = '{0}' THEN 'PUBLIC'
                        ELSE (SELECT string_agg(quote_ident(pg_get_userbyid(r)), ', ') FROM unnest(polroles) r) END AS roles,
                   pg_get_expr(polqual, polrelid) AS sees, coalesce(pg_get_expr(polwithcheck, polrelid), pg_get_expr(polqual, polrelid)) AS adds
            FROM pg_policy WHERE polrelid = 'billing_usage_records'::regclass AND polcmd IN ('*', 'r', 'a')
        LOOP
            name := left(given.polname, 40);
            -- An archive belongs to several customers: a policy that asks for one says nothing about it, and it is not seen.
            CONTINUE WHEN NOT ours.has_customer AND given.command <> '*';
            BEGIN
                IF given.command = '*' THEN
                    EXECUTE format('CREATE POLICY %I ON %I AS %s TO %s USING (%s) WITH CHECK (%s)', name, ours.relname, given.kind, given.roles, given.sees, given.adds);
                ELSIF given.command = 'r' THEN
                    EXECUTE format('CREATE POLICY %I ON %I AS %s FOR SELECT TO %s USING (%s)', name, ours.relname, given.kind, given.roles, given.sees);
                ELSIF may_add THEN
                    EXECUTE format('CREATE POLICY %I ON %I AS %s FOR INSERT TO %s WITH CHECK (%s)', name, ours.relname, given.kind, given.roles, given.adds);
                    EXECUTE format('CREATE POLICY %I ON %I AS %s FOR UPDATE TO %s USING (%s) WITH CHECK (%s)',
                        name || '_update', ours.relname, given.kind, given.roles, given.adds, given.adds);
                    EXECUTE format('CREATE POLICY %I ON %I AS %s FOR DELETE TO %s USING (%s)',
                        name || '_delete', ours.relname, given.kind, given.roles, given.adds);
                END IF;
            EXCEPTION WHEN undefined_column THEN
                IF ours.has_customer THEN
                    RAISE;
                END IF;
            END;
        END LOOP;
    END LOOP;
    -- Whoever sees an invoice sees its lines.
    IF NOT (SELECT relrowsecurity FROM pg_class WHERE oid = 'usage_invoice_lines'::regclass) THEN
        ALTER TABLE usage_invoice_lines ENABLE ROW LEVEL SECURITY;
        CREATE POLICY of_invoice ON usage_invoice_lines
            USING (EXISTS (SELECT FROM usage_invoices i WHERE i.invoice_number = usage_invoice_lines.invoice_number));
    END IF;
END
$do$;
